import * as z from 'zod';

const textElementSchema = z.object({
  byteRange: z.object({ start: z.number().int().min(0), end: z.number().int().min(0) }),
  placeholder: z.string().nullable(),
});

/** How closely the model looks at an image; what that means is the provider's affair. */
export const IMAGE_DETAILS = ['auto', 'low', 'high', 'original'] as const;
const detail = z.enum(IMAGE_DETAILS).optional();

/** Of one image, decoded. */
export const MOST_IMAGE_BYTES = 5 * 1024 * 1024;
/** Of all images of a message, decoded: it goes through one frame, and one page of an export. */
export const MOST_MESSAGE_IMAGE_BYTES = 8 * 1024 * 1024;

/** What a user can say: text and images. Other kinds are refused as invalid_params. */
export const userInputSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: z.string().max(1_000_000),
    text_elements: z.array(textElementSchema).default([]),
  }),
  z.object({
    type: z.literal('image'),
    url: z
      .string()
      .max(8_000_000)
      .describe(
        'data:image/TYPE;base64,… of a PNG, JPEG, GIF or WebP of at most 5 MiB, or an address of http or https that the provider fetches',
      ),
    detail,
  }),
  z.object({
    type: z.literal('localImage'),
    path: z
      .string()
      .min(1)
      .max(4096)
      .describe('Of a file on the daemon’s machine, absolute or from the folder of the thread'),
    detail,
  }),
]);
export type UserInput = z.infer<typeof userInputSchema>;

/** The words of a message. */
export function textOf(content: readonly UserInput[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** A message as a line for people: its words, with a mark for each image. */
export function wordsOf(content: readonly UserInput[]): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text;
      return part.type === 'localImage' ? `[image ${part.path}]` : '[image]';
    })
    .join('\n');
}
