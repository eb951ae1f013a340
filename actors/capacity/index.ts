export {
  CapacityReport,
  type CapacityAnswer,
  type ResourceOutlook,
  type ServiceLoad,
} from './capacity-report.ts';
