import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SETTINGS,
  isSecuritySetting,
  SECOND_FACTOR_RULES,
  settings,
} from '../../../proto/settings/index.ts';
import { SETTING_SECTIONS } from './setting-fields.ts';
import { settingOfText, textOfSetting } from './setting-text.ts';

const EXAMPLE = settings.parse({
  general: { publicUrl: 'https://ophion.example' },
  signIn: { notice: 'Be kind.\nMaintenance at noon.', sessionHours: 12 },
  oidc: {
    isEnabled: true,
    issuer: 'https://id.example',
    clientId: 'ophion',
    scopes: ['openid', 'groups'],
    groupRoles: { sre: ['operator', 'editor'], 'urn:team:web': ['viewer'], nobody: [] },
  },
  outgoing: { allow: ['10.0.0.0/8', 'hooks.internal'] },
  audit: { retentionDays: 400 },
  insights: { retentionDays: 30 },
});

describe('the fields of the settings page', () => {
  it('are all settings there are', () => {
    const fields = SETTING_SECTIONS.flatMap(({ group, fields: all }) =>
      all.map(({ key }) => `${group}.${key}`),
    );
    const known = Object.entries(DEFAULT_SETTINGS).flatMap(([group, values]) =>
      Object.keys(values).map((key) => `${group}.${key}`),
    );
    expect(fields.sort()).toEqual(known.sort());
  });

  it('say of which ones whoever may change settings needs more, and all there is to choose from', () => {
    for (const { group, fields } of SETTING_SECTIONS) {
      for (const { key, isOrdinary, options } of fields) {
        expect([key, isOrdinary !== true]).toEqual([key, isSecuritySetting(`${group}.${key}`)]);
        if (options) expect(options.map(({ value }) => value)).toEqual([...SECOND_FACTOR_RULES]);
      }
    }
  });

  it.each([
    ['as they are at first', DEFAULT_SETTINGS],
    ['as they may become', EXAMPLE],
  ])('say settings %s, and are read back as the same', (_when, before) => {
    for (const { group, fields } of SETTING_SECTIONS) {
      for (const { key, kind } of fields) {
        const value = (before[group] as Readonly<Record<string, unknown>>)[key];
        expect({ [key]: settingOfText(kind, textOfSetting(kind, value)) }).toEqual({ [key]: value });
      }
    }
  });

  it('pass on what is no number, for the API to say so', () => {
    expect(settingOfText('optional-number', 'soon')).toBe('soon');
    expect(settingOfText('optional-number', ' ')).toBeNull();
    expect(settingOfText('number', ' ')).toBe('');
  });
});
