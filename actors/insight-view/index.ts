export * from './insight-view.ts';
