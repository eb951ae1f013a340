export { CapacityReport, type ResourceOutlook, type ServiceLoad } from './capacity-report.ts';
