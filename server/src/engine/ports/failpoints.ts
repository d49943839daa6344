/** Named places between two steps. Production does nothing there; a test entry may end the process. */
export type Failpoints = (name: string) => void;
