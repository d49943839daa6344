import type { McpServerStatus } from '@goald/protocol';

/** The MCP servers of the configuration and of threads, as clients see them. */
export interface McpServerList {
  /** In the order of their names. Starts those that do not run, and waits for them as long as each may take. Never rejects. */
  statuses(options: {
    /** Those that turns of this thread have; null: those of the configuration. */
    readonly threadId: string | null;
    /** This one alone; null: all. */
    readonly name: string | null;
    readonly resources: boolean;
  }): Promise<readonly McpServerStatus[]>;
  /** Ends all and starts them anew. Resolves when they have ended. */
  reload(): Promise<void>;
  /** Ends those of a thread that is gone or put away. */
  forget(threadId: string): void;
}
