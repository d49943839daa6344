import type { Script } from '../../../helpers/model-server/index.js';
import type { Watched } from '../../../helpers/waiting.js';
import type { ApiWorld, Place } from '../../api/support/api-world.js';

/** A place of a world with the client that watches it. */
export async function placed(world: ApiWorld, script: Script): Promise<Place & Watched> {
  return { client: world.ws, ...(await world.place(script)) };
}
