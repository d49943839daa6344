interface Difference {
  readonly method: RegExp;
  readonly sample: RegExp;
  readonly why: string;
}

/** Where goald answers otherwise than the reference on purpose. */
const DIFFERENCES: readonly Difference[] = [
  {
    method: /^thread\/(start|resume|fork|settings\/update)$/,
    sample: /^cwd: "bogus"$/,
    why: 'A relative folder is refused: the daemon runs in no folder that a client would mean.',
  },
  {
    method: /^(thread\/(start|resume|fork|settings\/update)|turn\/start)$/,
    sample: /^serviceTier: "bogus"$/,
    why: 'A tier that goald cannot charge for is refused.',
  },
  {
    method: /^thread\/(start|fork)$/,
    sample: /^ephemeral: true$/,
    why: 'goald keeps every thread: one that shall leave nothing behind is refused.',
  },
  {
    method: /^thread\/resume$/,
    sample: /^permissions: "bogus"$/,
    why: 'Permissions that are none are refused, also when a thread is resumed.',
  },
  {
    method: /^command\/exec$/,
    sample: /^(cwd: "bogus"|outputBytesCap: 7)$/,
    why: 'What git cannot be run for, and output over the cap, are refused: half of a diff would be taken for the whole.',
  },
  {
    method: /^thread\/backgroundTerminals\/terminate$/,
    sample: /^processId: "bogus"$/,
    why: 'A name that no command of the list has is none that runs.',
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
  {
    method: /^thread\/list$/,
    sample: /^(ancestorThreadId|attachedToThreadId|parentThreadId|projectId): "bogus"$/,
    why: 'Threads have no parents and projects: whichever is asked for has none.',
  },
  {
    method: /^turn\/settings\/update$/,
    sample: /^(as it should be|with a field that nobody knows|model: "bogus"|turnId: "bogus")$/,
    why: 'goald serves it; in the reference it stands behind a feature that is off.',
  },
  {
    method: /^(configRequirements\/read|config\/mcpServer\/reload)$/,
    sample: /^with a field that nobody knows$/,
    why: 'Unknown fields are ignored everywhere, also where there are no others.',
  },
  {
    method: /^config\/value\/write$/,
    sample: /^keyPath: "bogus"$/,
    why: 'Clients can store whom the user trusts; the rest of the configuration is the user’s file.',
  },
  {
    method: /^command\/exec$/,
    sample: /^(processId|tty|streamStdin|streamStdoutStderr): /,
    why: 'goald runs no terminals for its clients.',
  },
  {
    method: /^model\/list$/,
    sample: /^modelProvider: "bogus"$/,
    why: 'There is one provider, whatever a client calls it.',
  },
  {
    method: /^hooks\/list$/,
    sample: /^threadId: "bogus"$/,
    why: 'There are no hooks, in whichever thread.',
  },
];

/** The reason why a sample may be answered otherwise, or null. */
export function whyDifferent(method: string, sample: string): string | null {
  return (
    DIFFERENCES.find((known) => known.method.test(method) && known.sample.test(sample))?.why ?? null
  );
}
