export {
  CapacityReport,
  type CapacityQuestion,
  type CapacityAnswer,
  type ResourceOutlook,
  type ServiceLoad,
} from './capacity-report.ts';
