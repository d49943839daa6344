/** Of the home, what tools are and what they are told: compilers, version managers, their settings. From the home. */
export const TOOL_PLACES: readonly string[] = [
  ...['.nvm', '.fnm', '.volta', '.asdf', '.mise', '.nodenv', '.n', '.bun', '.deno'],
  ...['.cargo', '.rustup', '.pyenv', '.rbenv', '.rvm', '.goenv', '.sdkman', '.jenv', '.jabba'],
  ...['go', 'sdk', '.ghcup', '.cabal', '.stack', '.opam', '.elan', '.juliaup', '.dotnet'],
  ...['.m2/repository', '.m2/wrapper', '.gradle/caches', '.gradle/wrapper', '.nuget/packages'],
  ...['.conda', 'miniconda3', 'anaconda3', 'miniforge3', '.nix-profile', '.linuxbrew', '.yarn'],
  ...['.local/bin', '.local/lib', '.local/pipx', '.local/share/pipx', '.local/share/uv'],
  ...['.local/share/fnm', '.local/share/mise', '.local/share/rtx', '.local/share/pnpm'],
  ...['.local/share/virtualenvs', '.local/share/nvm', '.local/share/gem', '.virtualenvs'],
  ...['.cache/ms-playwright', '.cache/puppeteer', '.cache/Cypress', '.cache/node'],
  ...['.cache/prisma', '.cache/electron', '.cache/huggingface', '.cache/pre-commit'],
  ...['.gitconfig', '.config/git/config', '.config/git/ignore', '.config/git/attributes'],
  ...['.gitignore', '.gitignore_global', '.editorconfig', '.tool-versions', '.node-version'],
];

/** Variables that name a folder of tools. */
export const TOOL_VARIABLES: readonly string[] = [
  ...['NVM_DIR', 'FNM_DIR', 'VOLTA_HOME', 'ASDF_DIR', 'ASDF_DATA_DIR', 'MISE_DATA_DIR'],
  ...['PYENV_ROOT', 'RBENV_ROOT', 'GOENV_ROOT', 'CARGO_HOME', 'RUSTUP_HOME', 'GOPATH', 'GOROOT'],
  ...['JAVA_HOME', 'SDKMAN_DIR', 'ANDROID_HOME', 'BUN_INSTALL', 'DENO_INSTALL', 'PNPM_HOME'],
  ...['VIRTUAL_ENV', 'CONDA_PREFIX', 'DOTNET_ROOT', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'],
];

/** Caches that tools write: each thread has its own, kept from command to command. Path from the home → name in the thread's folder. */
export const PRIVATE_CACHES: Readonly<Record<string, string>> = {
  '.npm': 'npm',
  '.cache/pip': 'pip',
  '.cache/go-build': 'go-build',
  '.cache/uv': 'uv',
  '.cache/yarn': 'yarn',
  '.cache/pnpm': 'pnpm',
  '.cache/node-gyp': 'node-gyp',
  '.cache/deno': 'deno',
  '.cache/ccache': 'ccache',
  '.local/state': 'state',
};

/** Secrets in a home: hidden also where the home, or a part of it with them, is shown. */
export const HOME_SECRETS: readonly string[] = [
  ...['.ssh', '.aws', '.azure', '.gnupg', '.pki', '.password-store', '.netrc', '.kube', '.docker'],
  ...['.npmrc', '.yarnrc', '.yarnrc.yml', '.pypirc', '.git-credentials', '.config/git/credentials'],
  ...['.config/gh', '.config/hub', '.config/glab-cli', '.config/gcloud', '.config/doctl'],
  ...['.config/op', '.config/rclone', '.config/containers', '.config/google-chrome'],
  ...['.config/chromium', '.config/BraveSoftware', '.mozilla', '.thunderbird', '.terraform.d'],
  ...['.terraformrc', '.vault-token', '.pgpass', '.my.cnf', '.s3cfg', '.boto', '.databrickscfg'],
  ...['.cargo/credentials', '.cargo/credentials.toml', '.gem/credentials', '.bundle/config'],
  ...['.m2/settings.xml', '.m2/settings-security.xml', '.gradle/gradle.properties', '.nuget/NuGet'],
  ...[
    '.local/share/keyrings',
    '.local/share/kwalletd',
    '.config/age',
    '.config/sops',
    '.huggingface',
  ],
  ...['.cache/huggingface/token', '.codex', '.claude', '.claude.json', '.gemini', '.config/openai'],
  ...[
    '.bash_history',
    '.zsh_history',
    '.python_history',
    '.node_repl_history',
    '.lesshst',
    '.viminfo',
  ],
  ...['Library/Keychains', 'Library/Cookies', 'Library/Application Support/Google/Chrome'],
];

/** What a shell, the desktop or a tool of the user runs or obeys by itself: not to be written, or put there, where the home is a writable root. */
export const HOME_STARTUP: readonly string[] = [
  ...['.bashrc', '.bash_profile', '.bash_login', '.bash_logout', '.bash_aliases', '.profile'],
  ...['.zshrc', '.zshenv', '.zprofile', '.zlogin', '.zlogout', '.inputrc', '.pam_environment'],
  ...['.xprofile', '.xsession', '.xsessionrc', '.xinitrc', '.config/fish', '.config/autostart'],
  ...['.config/systemd', '.config/environment.d', '.local/share/systemd', '.local/bin', 'bin'],
  ...[
    '.gitconfig',
    '.config/git',
    '.ssh',
    '.npmrc',
    '.yarnrc',
    '.yarnrc.yml',
    '.config/pip',
    '.pip',
  ],
  ...['.vimrc', '.config/nvim', '.emacs.d', '.emacs', '.tmux.conf', '.screenrc', '.curlrc'],
  ...['.gdbinit', '.lldbinit', '.psqlrc', '.irbrc'],
];

/** Folders of sockets, of other users, and of what only an administrator should read. */
export const SYSTEM_HIDDEN: readonly string[] = [
  ...['/run', '/var/run', '/home', '/root', '/Users', '/lost+found', '/var/spool', '/var/mail'],
  ...[
    '/etc/shadow',
    '/etc/shadow-',
    '/etc/gshadow',
    '/etc/gshadow-',
    '/etc/sudoers',
    '/etc/sudoers.d',
  ],
  ...['/etc/ssh', '/etc/ssl/private', '/etc/krb5.keytab', '/etc/NetworkManager/system-connections'],
  ...['/etc/wireguard', '/etc/kubernetes', '/etc/docker', '/var/lib/docker', '/var/lib/containerd'],
  ...['/var/lib/containers', '/var/lib/kubelet', '/var/lib/incus', '/var/lib/lxd', '/var/snap'],
  ...['/var/lib/mysql', '/var/lib/postgresql', '/var/log', '/var/backups', '/var/lib/private'],
];

/** Inside of those, what programs cannot do without. */
export const SYSTEM_SHOWN: readonly string[] = [
  '/run/current-system',
  '/run/opengl-driver',
  '/run/systemd/resolve/stub-resolv.conf',
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/resolv.conf',
  '/run/resolvconf/resolv.conf',
];

/** Variables that lead to sockets of the session, all hidden, or whose name says that they are a secret. */
export const HIDDEN_VARIABLES = new RegExp(
  [
    '^(?:SSH_AUTH_SOCK|SSH_AGENT_PID|GPG_AGENT_INFO|DBUS_\\w+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY)$',
    '^(?:XDG_RUNTIME_DIR|DOCKER_HOST|CONTAINER_HOST|KUBECONFIG|TMUX|TMUX_PANE|STY|SWAYSOCK|I3SOCK)$',
    '^(?:VSCODE_IPC_HOOK\\w*|VSCODE_GIT_\\w+|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|KITTY_LISTEN_ON)$',
    '^(?:AWS_\\w+|AZURE_\\w+|GOOGLE_APPLICATION_CREDENTIALS|DOCKER_AUTH_CONFIG|MYSQL_PWD|SSHPASS)$',
    '(?:TOKEN|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|CREDENTIALS?|WEBHOOK(?:_URL)?)$',
    '(?:^|_)(?:(?:PRIVATE|ACCESS|SECRET|MASTER|SIGNING|ENCRYPTION)_KEY\\w*|AUTH|PAT)$',
  ].join('|'),
  'i',
);
