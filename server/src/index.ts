export { create, type Daemon, type DaemonOptions, type DaemonOverrides } from './daemon.js';
