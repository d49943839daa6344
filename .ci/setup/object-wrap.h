// Included first when better-sqlite3 is compiled. The headers of Node 24.19 and later register a cleanup hook for every wrapped
// object, and end the process when the garbage collector takes one (https://github.com/nodejs/node/issues/65446). Without
// the hooks an object is wrapped as by every other Node.
#include <node.h>
#define AddEnvironmentCleanupHook(isolate, hook, argument) static_cast<void>(0)
#define RemoveEnvironmentCleanupHook(isolate, hook, argument) static_cast<void>(0)
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
