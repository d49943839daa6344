import { PERMISSION_PROFILES, type requests } from '@goald/protocol';
import { modeOfProfile } from '../../threads/sandbox-setting.js';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const permissionProfileList =
  ({ identity, confinements }: Services): Handler<typeof requests.permissionProfileList> =>
  (params) => {
    const [cwd = '/'] = identity.folders(params.cwd == null ? null : [params.cwd]);
    const profiles = PERMISSION_PROFILES.map((id) => ({
      id,
      description: null,
      allowed: confinements.isEnforceable(modeOfProfile(id), cwd),
    }));
    return pageOf(profiles, params);
  };
