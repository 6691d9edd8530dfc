/**
 * The tools that the demo and the tests run, as data.
 *
 * name     what it is called in messages, and the program's name unless `program` says otherwise
 * for      which commands need it
 * fit      arguments, what the answer must match, and the oldest fit version (the match's group); left out: any version fits
 * debian   packages that bring it on Debian; `NAME/RELEASE` is taken from that release without upgrading anything else
 * ubuntu   packages that bring it on Ubuntu
 * go       built from tools/FOLDER, whose go.mod and go.sum pin it
 * python   pinned requirement, installed in a venv of its own
 * script   the program of that package, where it is not called like the tool
 * get      what to install by hand where this script cannot
 */
const TEST = ['test', 'setup', 'bench'];
const ALL = ['demo', ...TEST];

export const tools = [
  {
    name: 'docker',
    for: ALL,
    debian: ['docker-cli/trixie'],
    ubuntu: ['docker.io'],
    get: 'Docker, for example Docker Engine or Docker Desktop',
  },
  {
    name: 'dockerd',
    for: ALL,
    onlyWithoutDaemon: true,
    debian: ['docker.io/trixie', 'containerd/trixie', 'iptables'],
    ubuntu: ['docker.io'],
    get: 'a running Docker daemon, for example Docker Engine or Docker Desktop',
  },
  {
    name: 'docker-buildx',
    program: 'docker',
    for: ALL,
    fit: [['buildx', 'version'], /buildx v?(\S+)/, '0.29.0'],
    debian: ['docker-buildx/sid'],
    ubuntu: ['docker-buildx'],
    get: 'the Docker CLI plugin buildx, 0.29 or newer',
  },
  {
    name: 'busybox',
    for: ALL,
    debian: ['busybox-static'],
    ubuntu: ['busybox-static'],
    get: 'busybox, linked statically',
    otherwise: { demo: 'busybox will be taken from the image busybox:stable-musl.' },
  },
  {
    name: 'trivy',
    for: ALL,
    fit: [['--version'], /Version: v?(\S+)/, '0.64.0'],
    go: {
      folder: 'trivy',
      package: 'github.com/aquasecurity/trivy/cmd/trivy',
      versionVariable: 'github.com/aquasecurity/trivy/pkg/version/app.ver',
      env: { GOEXPERIMENT: 'jsonv2' },
      minutes: 5,
    },
    get: 'Trivy, 0.64 or newer',
    otherwise: { demo: 'Trivy will be downloaded by the action.' },
  },
  {
    name: 'syft',
    for: TEST,
    fit: [['--version'], /syft v?(\S+)/, '1.20.0'],
    go: {
      folder: 'syft',
      package: 'github.com/anchore/syft/cmd/syft',
      versionVariable: 'main.version',
      minutes: 3,
    },
    get: 'Syft, 1.20 or newer',
  },
  {
    name: 'buildkitd',
    for: TEST,
    fit: [['--version'], /buildkit v?(\S+)/, '0.20.0'],
    go: {
      folder: 'buildkit',
      package: 'github.com/moby/buildkit/cmd/buildkitd',
      versionVariable: 'github.com/moby/buildkit/version.Version',
      minutes: 2,
    },
    get: 'buildkitd, 0.20 or newer',
  },
  {
    name: 'buildctl',
    for: TEST,
    fit: [['--version'], /buildkit v?(\S+)/, '0.20.0'],
    go: {
      folder: 'buildkit',
      package: 'github.com/moby/buildkit/cmd/buildctl',
      versionVariable: 'github.com/moby/buildkit/version.Version',
      minutes: 1,
    },
    get: 'buildctl, 0.20 or newer',
  },
  { name: 'runc', for: TEST, debian: ['runc'], ubuntu: ['runc'], get: 'runc' },
  {
    name: 'docker-registry',
    for: TEST,
    debian: ['docker-registry'],
    ubuntu: ['docker-registry'],
    get: 'the registry of github.com/distribution/distribution, 2.8, under the name docker-registry',
  },
  {
    name: 'htpasswd',
    for: TEST,
    debian: ['apache2-utils'],
    ubuntu: ['apache2-utils'],
    get: "Apache's htpasswd",
  },
  { name: 'crane', for: TEST, debian: ['crane/sid'], get: 'crane of github.com/google/go-containerregistry' },
  {
    name: 'oras',
    for: TEST,
    fit: [['version'], /Version:\s+v?(\S+)/, '1.2.0'],
    debian: ['oras/sid'],
    get: 'oras, 1.2 or newer',
  },
  { name: 'skopeo', for: TEST, debian: ['skopeo'], ubuntu: ['skopeo'], get: 'skopeo' },
  {
    name: 'cosign',
    for: TEST,
    // Debian's build does not tell its version, so it is asked for an option that the tests use.
    fit: [['sign', '--help'], /--signing-config/],
    debian: ['cosign/sid'],
    get: 'cosign, 3.0 or newer',
  },
  {
    name: 'act',
    for: TEST,
    fit: [['--version'], /act version v?(\S+)/, '0.2.80'],
    go: { folder: 'act', package: 'github.com/nektos/act', versionVariable: 'main.version', minutes: 1 },
    get: 'act of github.com/nektos/act, 0.2.80 or newer',
  },
  {
    name: 'actionlint',
    for: TEST,
    fit: [['-version'], /^v?(\d\S+)/, '1.7.7'],
    go: {
      folder: 'actionlint',
      package: 'github.com/rhysd/actionlint/cmd/actionlint',
      versionVariable: 'github.com/rhysd/actionlint.version',
      minutes: 1,
    },
    get: 'actionlint, 1.7.7 or newer',
  },
  {
    name: 'zizmor',
    for: TEST,
    fit: [['--version'], /zizmor v?(\S+)/, '1.9.0'],
    python: 'zizmor==1.32.0',
    get: 'zizmor, 1.9 or newer',
  },
  // The platform's own SDK, in the two generations that the validation of modules is judged by. It needs Python 3.11.
  {
    name: 'hla-compass-2.1',
    for: TEST,
    fit: [['--version'], /version (2\.1\.3)$/m],
    python: 'hla-compass==2.1.3',
    script: 'hla-compass',
    get: 'hla-compass 2.1.3 of the Python package index, its program under the name hla-compass-2.1',
  },
  {
    name: 'hla-compass-6',
    for: TEST,
    fit: [['--version'], /version (6\.0\.2)$/m],
    python: 'hla-compass==6.0.2',
    script: 'hla-compass',
    get: 'hla-compass 6.0.2 of the Python package index, its program under the name hla-compass-6',
  },
];
