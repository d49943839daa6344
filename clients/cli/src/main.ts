#!/usr/bin/env node
// The program as a module, for those who look it up by this name; as a script it starts some milliseconds sooner.
import './goal.cjs';
