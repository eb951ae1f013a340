export { AnswerElsewhere } from './settings-handler.ts';
export { SETTINGS_HANDLERS } from './settings-handlers.ts';
