/** Programs that verify: a text that begins with one of them is a command. */
const RUNNERS = new Set(
  (
    'npm pnpm yarn npx bun bunx deno tsc eslint prettier vitest jest mocha ava tap playwright cypress biome ' +
    'pytest python python3 tox nox ruff mypy pyright uv poetry pdm hatch pipenv cargo rustc golangci-lint gofmt ' +
    'cmake ctest ninja mvn mvnw gradle gradlew dotnet msbuild xcodebuild rspec rubocop phpunit composer ' +
    'cabal sbt lein bazel nx turbo lerna shellcheck terraform helm kubectl rg docker-compose'
  ).split(' '),
);
/** Programs whose names are words: they need a closer look where nothing says that they are commands. */
const WORDS = new Set(
  (
    'make go node just task test git bash sh zsh rake ruby bundle rails php mix elixir swift stack zig diff grep ' +
    'curl docker podman env time true exit cd find ls cat'
  ).split(' '),
);
const WORD_COMMAND =
  /^(?:go (?:test|vet|build|run|generate)\b|node (?:-\S|\S+\.[cm]?[jt]s\b)|git (?:diff|status|grep|log)\b|(?:bash|sh|zsh) (?:-\S|\S*[./])|make(?: [\w./-]+)?$|(?:just|task) [\w:.-]+$|bundle exec |bundle install$|rake(?: [\w:.-]+)?$|mix (?:test|format|compile|credo)\b|swift (?:test|build)\b|php (?:-\S|\S+\.php|artisan)\b|docker (?:build|compose|run)\b|(?:test|grep|diff|curl|find) -)/u;
/** What no target of `make` is called. */
const ENGLISH = /^(?:make|just|task) (?:sure|it|the|a|an|all|that|certain|any|no|this|one|to)\b/iu;
const ASSIGNED = /^(?:[A-Za-z_]\w*=\S*\s+)+/u;

/** True for code that is surely meant to be run. */
export function isCommandCode(code: string): boolean {
  const command = code.replace(ASSIGNED, '');
  const [first = ''] = command.split(/\s+/u);
  if (/^\.{0,2}\/\S+/u.test(first) && (first.startsWith('.') || command.includes(' '))) return true;
  if (RUNNERS.has(first)) return true;
  if (WORDS.has(first)) return command.includes(' ') && !ENGLISH.test(command);
  return /^[a-z][\w.-]*$/u.test(first) && /\s-{1,2}\w|&&|\|\||\s\|\s/u.test(command);
}

/** True for text without backticks that reads as a command and not as a sentence. */
export function isBareCommand(text: string): boolean {
  if (text.includes('\n') || /(?:[^.]\.|[!?])$/u.test(text)) return false;
  if (
    /\s(?:should|must|passe?s?|succeeds?|is|are|and|or|when|with no|without|in the)\s/iu.test(
      `${text} `,
    )
  ) {
    return false;
  }
  const command = text.replace(ASSIGNED, '');
  const [first = ''] = command.split(/\s+/u);
  if (/^\.\.?\/\S+/u.test(first)) return true;
  if (RUNNERS.has(first)) return command !== first || !/^(?:python3?|docker-compose)$/u.test(first);
  return WORD_COMMAND.test(command) && !ENGLISH.test(command);
}
