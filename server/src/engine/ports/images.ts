import type { UserInput } from '@goald/protocol';
import type { ImagePart } from './model.js';

/** A message of a user whose images were read. */
export interface ReadInput {
  /** As its item shows it: a long image by the file that goald keeps of it. */
  readonly content: UserInput[];
  /** As the model gets them, in order. */
  readonly images: readonly ImagePart[];
}

/** Reads the images of messages. */
export interface Images {
  /** `cwd`: absolute folder that relative paths start at. Rejects with invalid_params for what is no image, or too large. */
  read(
    input: readonly UserInput[],
    of: { readonly threadId: string; readonly cwd: string },
  ): Promise<ReadInput>;
}
