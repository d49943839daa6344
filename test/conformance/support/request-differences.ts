interface Difference {
  readonly method: RegExp;
  readonly sample: RegExp;
  readonly why: string;
}

/** Where goald answers otherwise than the reference on purpose. */
const DIFFERENCES: readonly Difference[] = [
  {
    method: /^thread\/(start|resume|fork)$/,
    sample: /^cwd: "/,
    why: 'A relative folder is refused: the daemon runs in no folder that a client would mean.',
  },
  {
    method: /^(thread\/(start|resume|fork)|turn\/start)$/,
    sample: /^serviceTier: "bogus"$/,
    why: 'A tier that goald cannot charge for is refused.',
  },
  {
    method: /./,
    sample: /: null$/,
    why: 'null means the default for every optional field.',
  },
  {
    method: /^thread\/unarchive$/,
    sample: /^(as it should be|with a field)/,
    why: 'Unarchiving what is not archived changes nothing, and is no error.',
  },
  {
    method: /^thread\/unsubscribe$/,
    sample: /^threadId: "bogus"$/,
    why: 'Nobody is subscribed to a thread that is not there: that answers notSubscribed.',
  },
  {
    method: /^turn\/start$/,
    sample: /^input: \[\]$/,
    why: 'A turn without input would ask the model nothing.',
  },
];

/** The reason why a sample may be answered otherwise, or null. */
export function whyDifferent(method: string, sample: string): string | null {
  return (
    DIFFERENCES.find((known) => known.method.test(method) && known.sample.test(sample))?.why ?? null
  );
}
