export const id = 656;
export const ids = [656];
export const modules = {

/***/ 6956:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ appendKeyValue)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3024);


/**
 * Appends one value to GITHUB_OUTPUT or GITHUB_STATE by hand, in the form that keeps line ends. Used where @actions/core
 * cannot serve: before the door has passed (loading it takes longer than everything else there), and for state, which
 * must be on disk before the next step, because a cancelled run gets no later turn.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
function appendKeyValue(path, key, value) {
    const delimiter = `end-of-value-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomUUID)()}`;
    (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.appendFileSync)(path, `${key}<<${delimiter}\n${value}\n${delimiter}\n`);
}


/***/ }),

/***/ 4403:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   P4: () => (/* binding */ yieldsToRelease),
/* harmony export */   R_: () => (/* binding */ stepDecision),
/* harmony export */   UT: () => (/* binding */ STEPS),
/* harmony export */   YX: () => (/* binding */ ANNOTATION)
/* harmony export */ });
const STEPS = ['preflight', 'build', 'inspect', 'gate', 'push', 'tag', 'report'];
/** Annotations on the top manifest by which a re-run knows its own images. */
const ANNOTATION = {
    created: 'org.opencontainers.image.created',
    revision: 'org.opencontainers.image.revision',
    version: 'org.opencontainers.image.version',
    planHash: 'io.github.module-release.plan-hash',
};
/**
 * Whether an immutable tag that is held stays with its holder without a word of blame: the commit's sha- tag, taken by the
 * release of a version from the same commit while this run (a branch's) has no version. Both are right, and the first wins.
 */
function yieldsToRelease(image, revision, held) {
    const ours = { ...image.annotations.index, ...image.annotations.manifest };
    return (held.ref.tag.startsWith('sha-') &&
        held.annotations[ANNOTATION.revision] === revision &&
        held.annotations[ANNOTATION.version] !== undefined &&
        ours[ANNOTATION.version] === undefined);
}
function stepDecision(plan, id) {
    return plan.steps.find((step) => step.id === id) ?? { id, do: 'skip', reason: 'not part of this command' };
}


/***/ }),

/***/ 2888:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $Q: () => (/* binding */ clip),
/* harmony export */   TN: () => (/* binding */ oneLine),
/* harmony export */   U9: () => (/* binding */ count),
/* harmony export */   a3: () => (/* binding */ formatDuration),
/* harmony export */   z3: () => (/* binding */ formatBytes)
/* harmony export */ });
/** Figures and lists for people. */
/** Bytes in decimal units, as registries and Docker show them: `87.4 MB`. */
function formatBytes(bytes) {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let value = bytes;
    let unit = 0;
    while (value >= 999.95 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
/** Milliseconds: `85 ms`, `6.5 s`, `2 min 5 s`. */
function formatDuration(milliseconds) {
    if (milliseconds < 999.5)
        return `${Math.round(milliseconds)} ms`;
    const tenths = Math.round(milliseconds / 100);
    if (tenths < 600)
        return `${(tenths / 10).toFixed(1)} s`;
    const seconds = Math.round(milliseconds / 1000);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
/** `1 image`, `5 images`. */
function count(number, one, many = `${one}s`) {
    return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
/** At most `length` characters, the rest told. */
function clip(text, length) {
    if (text.length <= length)
        return text;
    return `${text.slice(0, length).toWellFormed()} … (${text.length - length} more characters)`;
}
/** One line: line ends and other control characters become visible or vanish. */
function oneLine(text) {
    return text.replaceAll(/\r\n|\r|\n/g, '\\n').replaceAll(/\p{Cc}/gu, ' ');
}


/***/ }),

/***/ 114:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Pt: () => (/* binding */ planText),
/* harmony export */   hI: () => (/* binding */ sourceWords),
/* harmony export */   u0: () => (/* binding */ tagWords)
/* harmony export */ });
/* harmony import */ var _model_descriptor_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(997);
/* harmony import */ var _model_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8047);
/* harmony import */ var _format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2888);



/** The plan as lines of the log: what will be made, under which names, and by which steps. */
function planText(plan) {
    return [
        ...heading(plan),
        ...plan.images.flatMap(imageLines),
        'Steps:',
        ...stepLines(plan),
        ...problemLines(plan),
    ];
}
function heading(plan) {
    const what = plan.version === undefined ? 'a build without a version' : `version ${plan.version.raw}`;
    const kind = plan.prerelease ? ' (a prerelease)' : '';
    const dirty = plan.dirty ? ' The working tree differs from it.' : '';
    const mode = plan.dryRun ? ' This is a dry run: nothing will be written.' : '';
    return [
        `This ${plan.event} event is ${what}${kind} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(plan.images.length, 'image')}.${mode}`,
        `The commit is ${plan.revision}, of ${new Date(plan.sourceDateEpoch * 1000).toISOString()}.${dirty}`,
    ];
}
function imageLines(image) {
    const platforms = image.platforms.map(_model_descriptor_js__WEBPACK_IMPORTED_MODULE_2__/* .formatPlatform */ .Bq).join(', ') || 'the default of the builder';
    const parents = image.parents.length === 0 ? '' : `, on top of ${image.parents.join(', ')}`;
    return [
        `Image ${image.name}: ${sourceWords(image.source)}${parents}; platforms: ${platforms}.`,
        ...image.repositories.flatMap((repository) => image.tags.length === 0
            ? [`  ${(0,_model_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatRepository */ .Sh)(repository)} (by digest, without a tag)`]
            : image.tags.map((tag) => `  ${(0,_model_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatReference */ .FH)({ repository, tag: tag.tag })} (${tagWords(tag)})`)),
    ];
}
/** `built from target base`, `taken from docker-daemon REF`. */
function sourceWords(source) {
    switch (source.kind) {
        case 'bake':
            return (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(`built from target ${source.target}`);
        case 'docker-daemon':
        case 'registry':
            return (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(`taken from ${source.kind} ${source.reference}`);
        case 'oci-layout':
        case 'oci-archive':
        case 'docker-archive':
            return (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(`taken from ${source.kind} ${source.path}`);
    }
}
/** `immutable, from version`, `moving, forward only, from type=semver,…`. */
function tagWords({ kind, rule, from }) {
    const rules = { required: '', 'if-free': ', only if free', forward: ', forward only', always: '' };
    return `${kind}${rules[rule]}, from ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(from)}`;
}
function stepLines(plan) {
    const width = Math.max(...plan.steps.map(({ id }) => id.length), 0);
    return plan.steps.map(({ id, do: decision, reason }) => `  ${id.padEnd(width)}  ${decision.padEnd('simulate'.length)}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(reason)}`.trimEnd());
}
function problemLines(plan) {
    if (plan.problems.length === 0)
        return [];
    return [
        'Problems:',
        ...plan.problems.flatMap(({ code, message, hint }) => [
            `  ${code}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(message)}`,
            `    ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(hint)}`,
        ]),
    ];
}


/***/ }),

/***/ 5656:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  run: () => (/* binding */ run_run)
});

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/cache/actions-cache.js
/**
 * Cache over @actions/cache, which is loaded with the first use: it costs start-up. Whatever goes wrong is a miss and a
 * line in the log.
 */
function createCache(log, load = () => Promise.all(/* import() */[__webpack_require__.e(119), __webpack_require__.e(955), __webpack_require__.e(838), __webpack_require__.e(691)]).then(__webpack_require__.bind(__webpack_require__, 1691))) {
    const available = async () => {
        const library = await load();
        if (library.isFeatureAvailable())
            return library;
        log.debug('This runner has no cache service.');
        return undefined;
    };
    return {
        async restore(paths, key) {
            try {
                const library = await available();
                // The list is copied: the library keeps and changes what it is given.
                return (await library?.restoreCache([...paths], key)) !== undefined;
            }
            catch (error) {
                log.info(`The cache could not be read, which does no harm: ${key}: ${textOf(error)}.`);
                return false;
            }
        },
        async save(paths, key) {
            try {
                const library = await available();
                await library?.saveCache([...paths], key);
            }
            catch (error) {
                log.info(`The cache could not be written, which does no harm: ${key}: ${textOf(error)}.`);
            }
        },
    };
}
function textOf(error) {
    return error instanceof Error ? error.message : String(error);
}

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/clock/system-clock.js

function createClock() {
    return {
        now: () => new Date(),
        elapsed: () => performance.now(),
        async sleep(milliseconds) {
            await (0,promises_.setTimeout)(milliseconds);
        },
    };
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var external_node_fs_promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
var external_node_http_namespaceObject = /*#__PURE__*/__webpack_require__.t(external_node_http_, 2);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
var external_node_https_namespaceObject = /*#__PURE__*/__webpack_require__.t(external_node_https_, 2);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/digest.js
var model_digest = __webpack_require__(7896);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/errors.js
var errors = __webpack_require__(4679);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/download/policy.js

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;
/** A server that asks for a longer pause is left alone: the run should fail while somebody still waits for it. */
const LONGEST_PAUSE_MS = 60_000;
/** Throws TOOL_MISSING for what is no http(s) address, or carries a user name or a password: downloads send no credentials. */
function downloadUrl(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `not an http or https address: ${text}`, { hint: MIRROR_HINT });
    if (url.username !== '' || url.password !== '')
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `a download address must hold no credentials: ${url.host}`, {
            hint: MIRROR_HINT,
        });
    return url;
}
const MIRROR_HINT = 'Check `tools-mirror`: a base URL such as https://mirror.example.com/tools.';
/** Where a redirect leads; undefined when it must not be followed: no address, other schemes, from https to http. */
function redirectTarget(location, from) {
    if (location === undefined || !URL.canParse(location, from.href))
        return undefined;
    const to = new URL(location, from);
    const allowed = from.protocol === 'https:' ? ['https:'] : ['https:', 'http:'];
    if (!allowed.includes(to.protocol))
        return undefined;
    to.username = '';
    to.password = '';
    return to;
}
function isTransient(status) {
    return status === 408 || status === 429 || status >= 500;
}
/** Milliseconds until the next attempt, with jitter; undefined = give up. The first attempt is 1. */
function pauseAfter(attempt, retryAfter, random) {
    if (attempt >= ATTEMPTS)
        return undefined;
    const backoff = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random / 2);
    const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
    if (asked > LONGEST_PAUSE_MS)
        return undefined;
    return Math.max(backoff, asked);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/download/https-download.js










const MOST_REDIRECTS = 5;
const IDLE_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Worth another attempt. */
class TransientError extends Error {
    retryAfter;
    constructor(message, retryAfter, cause) {
        super(message, cause === undefined ? {} : { cause });
        this.retryAfter = retryAfter;
    }
}
/** Download over node:https: streams to disk, follows redirects, retries; sends nothing but the address. */
function createDownload({ clock, env, idleMs = IDLE_MS }) {
    const agents = { secure: new external_node_https_.Agent({ proxyEnv: env }), plain: new external_node_http_.Agent({ proxyEnv: env }) };
    const get = (url) => new Promise((resolve, reject) => {
        const secure = url.protocol === 'https:';
        const options = {
            agent: secure ? agents.secure : agents.plain,
            headers: { 'user-agent': 'module-release', accept: '*/*' },
        };
        const request = (secure ? external_node_https_namespaceObject : external_node_http_namespaceObject).get(url, options, resolve);
        request.setTimeout(idleMs, () => request.destroy(new Error(`no byte came for ${idleMs / 1000} s`)));
        request.on('error', (cause) => reject(new TransientError(cause.message, undefined, cause)));
    });
    const follow = async (first) => {
        let url = first;
        for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
            const response = await get(url);
            if (!REDIRECTS.has(response.statusCode ?? 0))
                return response;
            response.resume();
            const next = redirectTarget(response.headers.location, url);
            if (next === undefined)
                throw new Error(`${url.host} redirects to where a download must not go`);
            url = next;
        }
        throw new Error(`more than ${MOST_REDIRECTS} redirects`);
    };
    const attempt = async (url, path) => {
        const response = await follow(url);
        const status = response.statusCode ?? 0;
        if (status !== 200)
            response.resume();
        if (status === 404)
            return undefined;
        if (isTransient(status))
            throw new TransientError(`status ${status}`, response.headers['retry-after']);
        if (status !== 200)
            throw new Error(`status ${status}`);
        return save(response, path);
    };
    const file = async (address, path) => {
        const url = downloadUrl(address);
        for (let count = 1;; count += 1) {
            try {
                return await attempt(url, path);
            }
            catch (cause) {
                const transient = cause instanceof TransientError;
                const pause = transient ? pauseAfter(count, cause.retryAfter, Math.random()) : undefined;
                if (pause === undefined)
                    throw failure(url, count, cause);
                await clock.sleep(pause);
            }
        }
    };
    return { file };
}
/** Into a file beside the wanted one first, so that a broken download never stands under the real name. */
async function save(response, path) {
    const part = `${path}.part`;
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_fs_promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
    try {
        await (0,external_node_stream_promises_.pipeline)(response, async function* (source) {
            for await (const chunk of source) {
                hash.update(chunk);
                yield chunk;
            }
        }, (0,external_node_fs_.createWriteStream)(part));
    }
    catch (cause) {
        await (0,external_node_fs_promises_.rm)(part, { force: true });
        throw isDiskError(cause) ? cause : new TransientError('the connection broke off', undefined, cause);
    }
    await (0,external_node_fs_promises_.rename)(part, path);
    return (0,model_digest/* digestFromHex */.Ch)(hash.digest('hex'));
}
function isDiskError(error) {
    return (error instanceof Error && 'syscall' in error && (error.syscall === 'open' || error.syscall === 'write'));
}
function failure(url, attempts, cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const often = attempts === 1 ? '' : ` after ${attempts} attempts`;
    return new errors/* ReleaseError */.K2('TOOL_MISSING', `the download failed${often}: ${url.href}: ${why}`, {
        hint: 'Re-run later, set `tools-mirror` to a reachable place, or install the tool and set its `*-path` input.',
        cause,
    });
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/kill-children.js


/**
 * Signals every process that descends from this one (tools that we started, and theirs), children before their parents'
 * siblings. Synchronous, so that it works in a signal handler. Returns how many were signalled.
 */
function killChildren(signal) {
    const pids = descendants(process.pid, childrenByParent());
    let count = 0;
    for (const pid of pids) {
        try {
            process.kill(pid, signal);
            count += 1;
        }
        catch {
            // It ended by itself, or is not ours to end.
        }
    }
    return count;
}
/** Everything below a process, parents first. */
function descendants(root, children) {
    const found = [];
    const seen = new Set([root]);
    const queue = [root];
    for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
        for (const child of children.get(pid) ?? []) {
            if (seen.has(child))
                continue;
            seen.add(child);
            found.push(child);
            queue.push(child);
        }
    }
    return found;
}
function childrenByParent() {
    const children = new Map();
    for (const [pid, parent] of process.platform === 'linux' ? fromProc() : fromPs()) {
        const siblings = children.get(parent);
        if (siblings === undefined)
            children.set(parent, [pid]);
        else
            siblings.push(pid);
    }
    return children;
}
/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name stands in parentheses and may hold any character. */
function fromProc() {
    return (0,external_node_fs_.readdirSync)('/proc').flatMap((entry) => {
        if (!/^\d+$/.test(entry))
            return [];
        try {
            const stat = (0,external_node_fs_.readFileSync)(`/proc/${entry}/stat`, 'utf8');
            const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
            return [[Number(entry), Number(parent)]];
        }
        catch {
            return [];
        }
    });
}
function fromPs() {
    const table = (0,external_node_child_process_.execFileSync)('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return table.split('\n').flatMap((line) => {
        const match = /^\s*(\d+)\s+(\d+)/.exec(line);
        return match === null ? [] : [[Number(match[1]), Number(match[2])]];
    });
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/environment.js
/** Our own inputs (they may hold secrets), our state, and the right to ask for an identity token: no tool's business. */
const OURS = /^(?:INPUT_|STATE_|ACTIONS_ID_TOKEN_)/;
const MINIMAL = /^(?:PATH|HOME|TMPDIR|LANG|LC_[A-Z]+|(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|XDG_[A-Z_]+)$/i;
/** The environment of a tool: what `Command.environment` promises, and on top what the caller adds. */
function composeEnvironment(own, kind, added = {}) {
    const environment = {};
    for (const [name, value] of Object.entries(own)) {
        if (value === undefined || OURS.test(name))
            continue;
        if (kind === 'full' || MINIMAL.test(name))
            environment[name] = value;
    }
    return { ...environment, ...added };
}

// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(6193);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/lines.js

/**
 * Cuts a stream of bytes into lines, whatever the chunks are. `\n`, `\r\n` and a lone `\r` (progress bars) end a line.
 * Of a line longer than `limit` characters the first part is kept, ended by `…`, so that memory stays bounded.
 */
function splitLines(onLine, limit) {
    const decoder = new external_node_string_decoder_.StringDecoder('utf8');
    let rest = '';
    let cut = false;
    let afterReturn = false;
    const add = (text) => {
        if (cut)
            return;
        rest += text;
        if (rest.length <= limit)
            return;
        rest = `${rest.slice(0, limit)}…`;
        cut = true;
    };
    const flush = () => {
        onLine(rest);
        rest = '';
        cut = false;
    };
    const take = (text) => {
        const body = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
        if (text.length > 0)
            afterReturn = text.endsWith('\r');
        const lines = body.split(/\r\n|\n|\r/);
        for (const [i, line] of lines.entries()) {
            if (i > 0)
                flush();
            add(line);
        }
    };
    return {
        push: (chunk) => take(decoder.write(chunk)),
        end: () => {
            take(decoder.end());
            if (rest !== '')
                flush();
        },
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/tail.js
function keepTail(limit) {
    const chunks = [];
    let size = 0;
    return {
        push: (chunk) => {
            chunks.push(chunk);
            size += chunk.byteLength;
            for (let first = chunks[0]; first !== undefined && size - first.byteLength >= limit; first = chunks[0]) {
                size -= first.byteLength;
                chunks.shift();
            }
        },
        text: () => {
            const all = Buffer.concat(chunks);
            return all.subarray(Math.max(0, all.byteLength - limit)).toString('utf8');
        },
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/which.js


/** The full path of an executable file: by PATH, or the path itself when it is absolute. */
async function findTool(file, path) {
    const candidates = (0,external_node_path_.isAbsolute)(file)
        ? [file]
        : file.includes('/')
            ? []
            : (path ?? '').split(external_node_path_.delimiter).flatMap((folder) => ((0,external_node_path_.isAbsolute)(folder) ? [(0,external_node_path_.join)(folder, file)] : []));
    for (const candidate of candidates)
        if (await isExecutable(candidate))
            return candidate;
    return undefined;
}
async function isExecutable(path) {
    try {
        await (0,external_node_fs_promises_.access)(path, external_node_fs_promises_.constants.X_OK);
        return (await (0,external_node_fs_promises_.stat)(path)).isFile();
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/exec/runner.js





const STDOUT_KEPT = 16 * 1024 * 1024;
const STDERR_KEPT = 64 * 1024;
const LINE_LIMIT = 16 * 1024;
/** What a shell reports for a process ended by SIGKILL; `@actions/exec` tells us only that a signal ended it. */
const KILLED = 137;
/** Exec over @actions/exec, which is loaded with the first command: it costs start-up. */
function createExec() {
    return { run, which: (file) => findTool(file, process.env.PATH) };
}
async function run(command) {
    const path = await findTool(command.file, process.env.PATH);
    if (path === undefined)
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `a tool is not on PATH or cannot be executed: ${command.file}`);
    const { exec } = await __webpack_require__.e(/* import() */ 955).then(__webpack_require__.bind(__webpack_require__, 1955));
    const { onLine } = command;
    const stdout = collect(STDOUT_KEPT, onLine, command.lineLimit);
    const stderr = collect(STDERR_KEPT, onLine, command.lineLimit);
    try {
        const work = () => exec(quote(path), [...command.args], {
            silent: true,
            ignoreReturnCode: true,
            env: composeEnvironment(process.env, command.environment, command.env),
            listeners: { stdout: stdout.push, stderr: stderr.push },
            ...(command.stdin === undefined ? {} : { input: Buffer.from(command.stdin) }),
            ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
        });
        const code = await (command.stdin === undefined ? work() : forgivingClosedInput(work));
        stdout.end();
        stderr.end();
        const exitCode = typeof code === 'number' ? code : KILLED;
        return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    }
    catch (cause) {
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `a tool could not be started: ${path}`, { cause });
    }
}
/**
 * @actions/exec writes to a tool's standard input without listening for errors: one that ends before it has read
 * everything would end us with EPIPE. Its exit code tells what happened.
 */
async function forgivingClosedInput(work) {
    const forgive = (error) => {
        if (error.code !== 'EPIPE' || error.syscall !== 'write')
            throw error;
    };
    process.on('uncaughtException', forgive);
    try {
        return await work();
    }
    finally {
        process.off('uncaughtException', forgive);
    }
}
function collect(kept, onLine, lineLimit = LINE_LIMIT) {
    const tail = keepTail(kept);
    const lines = onLine === undefined ? undefined : splitLines(onLine, lineLimit);
    return {
        text: tail.text,
        end: () => lines?.end(),
        push: (chunk) => {
            tail.push(chunk);
            lines?.push(chunk);
        },
    };
}
/** @actions/exec takes the tool as the first word of a command line. */
function quote(path) {
    return `"${path.replaceAll('"', '\\"')}"`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/files/leftovers.js


/** The folder in a run's temporary root that later steps of the job may still read. */
const REPORTS = 'reports';
/** Removes what a run left in its temporary root, all but the reports. A root that is not there is fine. */
async function removeLeftovers(root) {
    const names = await readdir(root).catch(() => []);
    const gone = names.filter((name) => name !== REPORTS);
    await Promise.all(gone.map((name) => rm(join(root, name), { recursive: true, force: true })));
}

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/files/gzip.js








const deflate = (0,external_node_util_.promisify)(external_node_zlib_.deflateRaw);
/** https://www.rfc-editor.org/rfc/rfc1952#section-2.3: deflate, no flags, no time, no hint, operating system unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const BLOCK = 1024 * 1024;
/** What deflate can refer back to: a block begins with the end of the one before as its dictionary. */
const WINDOW = 32 * 1024;
/**
 * Gzips a file on all processors, into one member that any gunzip reads. Equal bytes give equal bytes: the blocks have a
 * fixed size, so the number of processors does not show, and there is no name and no time.
 */
async function gzipFile(from, to) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    let size = 0;
    async function* measured() {
        for await (const chunk of gzipBlocks(from)) {
            hash.update(chunk);
            size += chunk.byteLength;
            yield chunk;
        }
    }
    await (0,external_node_stream_promises_.pipeline)(measured, (0,external_node_fs_.createWriteStream)(to));
    return { digest: (0,model_digest/* digestFromHex */.Ch)(hash.digest('hex')), size };
}
/** The digest of what a gzipped file holds; undefined when it is none, or broken. */
async function hashGunzipped(path) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    try {
        await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path), (0,external_node_zlib_.createGunzip)(), hash);
    }
    catch (error) {
        if (isZlibError(error))
            return undefined;
        throw error;
    }
    return (0,model_digest/* digestFromHex */.Ch)(hash.digest('hex'));
}
/** `Z_DATA_ERROR` and `Z_BUF_ERROR`: not gzip, or cut off. */
function isZlibError(error) {
    return typeof error === 'object' && error !== null && 'code' in error && /^Z_/.test(String(error.code));
}
async function* gzipBlocks(from) {
    yield HEADER;
    const limit = (0,external_node_os_.availableParallelism)() + 1;
    const running = [];
    let crc = 0;
    let length = 0;
    for await (const { data, dictionary, last } of blocksOf(from)) {
        crc = (0,external_node_zlib_.crc32)(data, crc);
        length += data.byteLength;
        const block = compress(data, dictionary, last);
        // It is awaited in its turn below; until then a failure must not count as unhandled.
        block.catch(() => { });
        running.push(block);
        const first = running.length < limit ? undefined : running.shift();
        if (first !== undefined)
            yield await first;
    }
    for (const block of running)
        yield await block;
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc, 0);
    trailer.writeUInt32LE(length % 2 ** 32, 4);
    yield trailer;
}
/** All but the last block end on a byte, not on the end of the stream. https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4 */
function compress(data, dictionary, last) {
    return deflate(data, {
        level: 6,
        finishFlush: last ? external_node_zlib_.constants.Z_FINISH : external_node_zlib_.constants.Z_SYNC_FLUSH,
        ...(dictionary.byteLength === 0 ? {} : { dictionary }),
    });
}
async function* blocksOf(path) {
    const file = await (0,external_node_fs_promises_.open)(path);
    try {
        let dictionary = Buffer.alloc(0);
        let data = await readBlock(file);
        for (;;) {
            const next = await readBlock(file);
            yield { data, dictionary, last: next.byteLength === 0 };
            if (next.byteLength === 0)
                return;
            dictionary = data.subarray(-WINDOW);
            data = next;
        }
    }
    finally {
        await file.close();
    }
}
/** A full block; shorter only at the end of the file. */
async function readBlock(file) {
    const buffer = Buffer.allocUnsafe(BLOCK);
    let filled = 0;
    while (filled < BLOCK) {
        const { bytesRead } = await file.read(buffer, filled, BLOCK - filled);
        if (bytesRead === 0)
            break;
        filled += bytesRead;
    }
    return buffer.subarray(0, filled);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/files/temp.js




/**
 * Fresh folders under one root of this run, `$RUNNER_TEMP/module-release-<random>`, readable by this user alone. The
 * root's path is saved before it is made, so that the post step finds it whatever happens.
 */
function createTempFolders(state) {
    let root;
    let count = 0;
    return async (name) => {
        root ??= makeRoot(state);
        count += 1;
        const folder = (0,external_node_path_.join)(await root, count === 1 ? name : `${name}-${count}`);
        await (0,external_node_fs_promises_.mkdir)(folder, { mode: 0o700 });
        return folder;
    };
}
async function makeRoot(state) {
    const base = process.env.RUNNER_TEMP ?? '';
    const root = (0,external_node_path_.join)(base === '' ? (0,external_node_os_.tmpdir)() : base, `module-release-${(0,external_node_crypto_.randomBytes)(8).toString('hex')}`);
    state.save('temp', root);
    await (0,external_node_fs_promises_.mkdir)(root, { mode: 0o700, recursive: true });
    return root;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/files/local.js








/** Files over the runner's disk. `state` learns the temp folder's path, for the post step. */
function createFiles(state) {
    return {
        read: (path) => external_node_fs_promises_.readFile(path),
        readText: (path) => external_node_fs_promises_.readFile(path, 'utf8'),
        readTextIfExists: (path) => unlessMissing(() => external_node_fs_promises_.readFile(path, 'utf8')),
        write: async (path, data, mode = 0o644) => {
            await makeParent(path);
            await external_node_fs_promises_.writeFile(path, data, { mode });
            // The mode of writeFile is for new files only, and passes the umask.
            await external_node_fs_promises_.chmod(path, mode);
        },
        exists: async (path) => (await unlessMissing(() => external_node_fs_promises_.stat(path))) !== undefined,
        size: async (path) => (await unlessMissing(() => external_node_fs_promises_.stat(path)))?.size,
        list: async (folder) => (await unlessMissing(() => external_node_fs_promises_.readdir(folder)))?.sort() ?? [],
        isFolder: async (path) => (await unlessMissing(() => external_node_fs_promises_.stat(path)))?.isDirectory() ?? false,
        makeFolder: async (path) => {
            await external_node_fs_promises_.mkdir(path, { recursive: true });
        },
        makeTempFolder: createTempFolders(state),
        copy: async (from, to) => {
            await makeParent(to);
            await external_node_fs_promises_.cp(from, to, { recursive: true, verbatimSymlinks: true, mode: external_node_fs_promises_.constants.COPYFILE_FICLONE });
        },
        move,
        link: async (target, path) => {
            await makeParent(path);
            await external_node_fs_promises_.symlink(target, path);
        },
        remove: (path) => external_node_fs_promises_.rm(path, { recursive: true, force: true, maxRetries: 3 }),
        freeBytes,
        hash,
        hashGunzipped: hashGunzipped,
        gzip: async (from, to) => {
            await makeParent(to);
            return gzipFile(from, to);
        },
        realPath: (path) => external_node_fs_promises_.realpath(path),
    };
}
async function makeParent(path) {
    await external_node_fs_promises_.mkdir((0,external_node_path_.dirname)(path), { recursive: true });
}
async function move(from, to) {
    await makeParent(to);
    try {
        await external_node_fs_promises_.rename(from, to);
    }
    catch (error) {
        if (codeOf(error) !== 'EXDEV')
            throw error;
        await external_node_fs_promises_.cp(from, to, { recursive: true, verbatimSymlinks: true });
        await external_node_fs_promises_.rm(from, { recursive: true });
    }
}
/** Of a path that does not exist yet: the file system of the nearest folder that does. */
async function freeBytes(path) {
    const stats = await unlessMissing(() => external_node_fs_promises_.statfs(path));
    if (stats !== undefined)
        return stats.bavail * stats.bsize;
    return freeBytes((0,external_node_path_.dirname)(path));
}
async function hash(path) {
    const sha256 = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path, { highWaterMark: 1024 * 1024 }), sha256);
    return (0,model_digest/* digestFromHex */.Ch)(sha256.digest('hex'));
}
async function unlessMissing(action) {
    try {
        return await action();
    }
    catch (error) {
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR')
            return undefined;
        throw error;
    }
}
function codeOf(error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

// EXTERNAL MODULE: ./node_modules/zod/v4/mini/schemas.js + 3 modules
var schemas = __webpack_require__(3619);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/github/schema.js

/** The fields we use of https://docs.github.com/rest/repos/repos#get-a-repository; `visibility` is young on servers. */
const repository = schemas/* object */.Ikc({
    description: schemas/* nullish */.cl6(schemas/* string */.YjP()),
    license: schemas/* nullish */.cl6(schemas/* object */.Ikc({ spdx_id: schemas/* nullish */.cl6(schemas/* string */.YjP()) })),
    visibility: schemas/* optional */.lqM(schemas/* enum */.k5n(['public', 'private', 'internal'])),
    private: schemas/* optional */.lqM(schemas/* boolean */.zMY()),
    html_url: schemas/* optional */.lqM(schemas/* string */.YjP()),
    default_branch: schemas/* optional */.lqM(schemas/* string */.YjP()),
});
/** Throws when the answer is not about a repository. */
function readAbout(answer) {
    const found = repository.parse(answer);
    const license = found.license?.spdx_id ?? '';
    const visibility = found.visibility ?? (found.private === true ? 'private' : undefined);
    return {
        ...(found.description ? { description: found.description } : {}),
        // NOASSERTION is how GitHub says that it found a license and knows it not.
        ...(license === '' || license === 'NOASSERTION' ? {} : { license }),
        ...(visibility === undefined ? {} : { visibility }),
        ...(found.html_url === undefined ? {} : { htmlUrl: found.html_url }),
        ...(found.default_branch === undefined ? {} : { defaultBranch: found.default_branch }),
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/github/github.js

/** What people wrote about a repository is worth a short wait, and no more. */
const TIMEOUT_MS = 10_000;
/** GitHub's REST API over @actions/github, which is loaded with the first question. */
function createGitHub({ token, apiUrl, log }) {
    return {
        async about(repository) {
            const [owner = '', repo = ''] = repository.split('/');
            if (token === undefined || owner === '' || repo === '') {
                log.debug(`GitHub was not asked about ${repository}: there is no token, or no such name.`);
                return undefined;
            }
            try {
                const { getOctokit } = await Promise.all(/* import() */[__webpack_require__.e(119), __webpack_require__.e(413)]).then(__webpack_require__.bind(__webpack_require__, 2413));
                const octokit = getOctokit(token, { baseUrl: apiUrl, log: SILENT });
                const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
                // https://docs.github.com/rest/repos/repos#get-a-repository
                const answer = await octokit.rest.repos.get({ owner, repo, request });
                return readAbout(answer.data);
            }
            catch (error) {
                log.debug(`GitHub did not say anything about ${repository}: ${String(error)}.`);
                return undefined;
            }
        },
    };
}
/** The library would print its own warnings past our masks. */
const SILENT = { debug() { }, info() { }, warn() { }, error() { } };

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/reference.js
var model_reference = __webpack_require__(8047);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/challenge.js
/** A token; with `=` and a value it is a parameter, without it is the name of a scheme. */
const PART = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/gy;
/** The one challenge that we answer: Bearer before Basic; undefined when there is neither. */
function parseChallenge(header) {
    const challenges = split(header ?? '').map(({ scheme, parameters }) => toChallenge(scheme, parameters));
    return challenges.find((c) => c?.scheme === 'bearer') ?? challenges.find((c) => c?.scheme === 'basic');
}
function split(header) {
    const found = [];
    for (const [, name = '', quoted, bare] of header.matchAll(PART)) {
        const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
        if (value === undefined)
            found.push({ scheme: name.toLowerCase(), parameters: new Map() });
        else
            found.at(-1)?.parameters.set(name.toLowerCase(), value);
    }
    return found;
}
function toChallenge(scheme, parameters) {
    if (scheme === 'basic')
        return { scheme };
    const realm = parameters.get('realm');
    if (scheme !== 'bearer' || realm === undefined)
        return undefined;
    const [service, scope, error] = ['service', 'scope', 'error'].map((name) => parameters.get(name));
    return {
        scheme,
        realm,
        ...(service === undefined ? {} : { service }),
        ...(scope === undefined ? {} : { scope }),
        ...(error === undefined ? {} : { error }),
    };
}
/** Ours, and what the registry asked for beyond it: behind some proxies a repository has another name in its scope. */
function mergeScopes(ours, asked) {
    const extra = (asked ?? '')
        .split(' ')
        .filter((scope) => scope !== '' && !ours.some((o) => covers(o, scope)));
    return [...ours, ...extra];
}
/** `repository:a/b:pull,push` covers `repository:a/b:pull`. */
function covers(wide, narrow) {
    const [a, b] = [wide, narrow].map((scope) => {
        const colon = scope.lastIndexOf(':');
        return { name: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') };
    });
    return (a !== undefined && b !== undefined && a.name === b.name && b.actions.every((x) => a.actions.includes(x)));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/schema.js

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const errorBody = schemas/* object */.Ikc({
    errors: schemas/* array */.YOg(schemas/* object */.Ikc({
        code: schemas/* optional */.lqM(schemas/* string */.YjP()),
        message: schemas/* optional */.lqM(schemas/* string */.YjP()),
        detail: schemas/* optional */.lqM(schemas/* unknown */.L5J()),
    })),
});
/** https://distribution.github.io/distribution/spec/auth/token/#token-response-fields */
const tokenReply = schemas/* object */.Ikc({
    token: schemas/* optional */.lqM(schemas/* string */.YjP()),
    access_token: schemas/* optional */.lqM(schemas/* string */.YjP()),
    /** Seconds. */
    expires_in: schemas/* optional */.lqM(schemas/* number */.aig()),
});
/** The claim that registries' own tokens carry. https://distribution.github.io/distribution/spec/auth/jwt/ */
const tokenClaims = schemas/* object */.Ikc({
    access: schemas/* array */.YOg(schemas/* object */.Ikc({ type: schemas/* string */.YjP(), name: schemas/* string */.YjP(), actions: schemas/* array */.YOg(schemas/* string */.YjP()) })),
});
const dockerAuth = schemas/* object */.Ikc({
    auth: schemas/* optional */.lqM(schemas/* string */.YjP()),
    username: schemas/* optional */.lqM(schemas/* string */.YjP()),
    password: schemas/* optional */.lqM(schemas/* string */.YjP()),
    identitytoken: schemas/* optional */.lqM(schemas/* string */.YjP()),
    registrytoken: schemas/* optional */.lqM(schemas/* string */.YjP()),
});
/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
const dockerConfig = schemas/* object */.Ikc({
    auths: schemas/* nullish */.cl6(schemas/* record */.g1P(schemas/* string */.YjP(), dockerAuth)),
    credHelpers: schemas/* nullish */.cl6(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP())),
    credsStore: schemas/* nullish */.cl6(schemas/* string */.YjP()),
});
/** https://github.com/docker/docker-credential-helpers#development */
const helperReply = schemas/* object */.Ikc({ Username: schemas/* string */.YjP(), Secret: schemas/* string */.YjP() });
/** Never throws: what a failing registry (or a proxy before it) sends is no reason for another failure. */
function readErrors(bytes) {
    const parsed = errorBody.safeParse(tryJson(bytes));
    return parsed.success
        ? parsed.data.errors.map(({ code, message }) => ({
            ...(code === undefined ? {} : { code }),
            ...(message === undefined ? {} : { message }),
        }))
        : [];
}
function readTokenReply(bytes) {
    return parsedOrNothing(tokenReply.safeParse(tryJson(bytes)));
}
/** What a JWT says it allows; undefined for opaque tokens. Only the registry can check the signature: use it for messages. */
function readTokenAccess(token) {
    const claims = token.split('.')[1];
    if (claims === undefined)
        return undefined;
    return parsedOrNothing(tokenClaims.safeParse(tryJson(Buffer.from(claims, 'base64url'))))?.access;
}
function readDockerConfig(text) {
    return parsedOrNothing(dockerConfig.safeParse(tryJson(Buffer.from(text))));
}
function readHelperReply(text) {
    const reply = parsedOrNothing(helperReply.safeParse(tryJson(Buffer.from(text))));
    return reply === undefined ? undefined : { username: reply.Username, secret: reply.Secret };
}
function tryJson(bytes) {
    try {
        return JSON.parse(new TextDecoder().decode(bytes));
    }
    catch {
        return undefined;
    }
}
function parsedOrNothing(result) {
    return result.success ? result.data : undefined;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/credentials.js




/** Under which Docker keeps the login of Docker Hub, for historical reasons. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const DOCKER_HUB_HOSTS = ['index.docker.io', 'docker.io', 'registry-1.docker.io'];
/** A helper's user name when its secret is an identity token. */
const IDENTITY_USER = '<token>';
/**
 * Logins by registry: the inputs first (exact host), then the Docker config: the host's own credential helper, the
 * credentials store, `auths`. Each registry is looked up once. https://docs.docker.com/reference/cli/docker/login/
 */
function createFindLogin(sources) {
    const found = new Map();
    let config;
    const find = async (registry) => {
        const given = fromInputs(sources.credentials, registry);
        if (given !== undefined)
            return given;
        config ??= readConfig(sources);
        return fromDocker(sources, await config, registry);
    };
    return (registry) => {
        const known = found.get(registry) ?? find(registry);
        found.set(registry, known);
        return known;
    };
}
function fromInputs(credentials, registry) {
    const match = credentials.find((given) => canonicalHost(given.registry) === registry);
    if (match === undefined)
        return undefined;
    return { kind: 'basic', username: match.username, password: match.password, from: 'the inputs' };
}
/** `Index.Docker.io` is `docker.io`, as in references. */
function canonicalHost(host) {
    return (0,model_reference/* repositoryOf */._M)(host, 'any')?.registry ?? host.toLowerCase();
}
async function readConfig({ env, files, log }) {
    const folder = env.DOCKER_CONFIG || (env.HOME && (0,external_node_path_.join)(env.HOME, '.docker'));
    if (!folder)
        return {};
    const path = (0,external_node_path_.join)(folder, 'config.json');
    const text = await files.readTextIfExists(path);
    if (text === undefined)
        return {};
    const config = readDockerConfig(text);
    if (config === undefined)
        log.warning(`The Docker config cannot be read, so its logins are not used: ${path}.`);
    return config ?? {};
}
async function fromDocker(sources, config, registry) {
    const keys = keysOf(registry);
    const helper = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined);
    if (helper !== undefined)
        return askHelper(sources, helper, registry, true);
    if (config.credsStore) {
        const stored = await askHelper(sources, config.credsStore, registry, false);
        if (stored !== undefined)
            return stored;
    }
    const auths = Object.entries(config.auths ?? {});
    const exact = keys.flatMap((key) => auths.filter(([name]) => name === key));
    const sameHost = auths.filter(([name]) => keys.includes(hostOf(name)));
    for (const [, auth] of [...exact, ...sameHost]) {
        const login = fromAuth(auth);
        if (login === undefined)
            continue;
        sources.log.mask('password' in login ? login.password : login.token);
        return login;
    }
    return undefined;
}
function keysOf(registry) {
    return registry === 'docker.io' ? [DOCKER_HUB_KEY, ...DOCKER_HUB_HOSTS] : [registry];
}
/** `https://host/v1/` and `host/path` are keys of `host`, as they are for Docker. */
function hostOf(key) {
    return key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}
function fromAuth(auth) {
    const from = 'the Docker config';
    if (auth.registrytoken)
        return { kind: 'registry-token', token: auth.registrytoken, from };
    if (auth.identitytoken)
        return { kind: 'identity', token: auth.identitytoken, from };
    const decoded = Buffer.from(auth.auth ?? '', 'base64')
        .toString('utf8')
        .replace(/\0+$/, '');
    const colon = decoded.indexOf(':');
    const username = colon > 0 ? decoded.slice(0, colon) : auth.username;
    const password = colon > 0 ? decoded.slice(colon + 1) : auth.password;
    return username && password ? { kind: 'basic', username, password, from } : undefined;
}
/**
 * Runs `docker-credential-NAME get` with the host on its standard input. A helper named for this registry must work; the
 * store for all registries may be missing (a laptop's config on a server).
 */
async function askHelper({ exec, log }, name, registry, required) {
    const from = `docker-credential-${name}`;
    const fail = (why, cause) => {
        const message = `the credential helper ${from} failed for ${registry}: ${why}`;
        if (required)
            throw new errors/* ReleaseError */.K2('REGISTRY_LOGIN', message, { cause, hint: helperHint(from) });
        log.warning(`${message[0]?.toUpperCase()}${message.slice(1)}; going on without it.`);
        return undefined;
    };
    if (!/^[\w.-]{1,64}$/.test(name))
        return fail('its name is not allowed');
    const stdin = registry === 'docker.io' ? DOCKER_HUB_KEY : registry;
    try {
        const result = await exec.run({ file: from, args: ['get'], environment: 'full', stdin });
        // A helper prints its errors to standard output. Only its first line is shown, and never that of a success.
        const said = `${result.stdout}\n${result.stderr}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
        if (result.exitCode !== 0)
            return /credentials not found/i.test(said) ? undefined : fail(said || `exit code ${result.exitCode}`);
        const reply = readHelperReply(result.stdout);
        if (reply === undefined)
            return fail('its answer is not in the form of credential helpers');
        if (reply.secret === '')
            return undefined;
        log.mask(reply.secret);
        return reply.username === IDENTITY_USER
            ? { kind: 'identity', token: reply.secret, from }
            : { kind: 'basic', username: reply.username, password: reply.secret, from };
    }
    catch (error) {
        if (error instanceof errors/* ReleaseError */.K2 && error.code === 'REGISTRY_LOGIN')
            throw error;
        return fail(error instanceof Error ? error.message : 'it could not be started', error);
    }
}
function helperHint(helper) {
    return `Make ${helper} work on the runner (log in to the cloud before this step), or give \`username\` and \`password\`.`;
}
function basicHeader(login) {
    return `Basic ${base64Pair(login)}`;
}
function base64Pair({ username, password }) {
    return Buffer.from(`${username}:${password}`).toString('base64');
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/http.js





/** Measured: larger chunks are no faster on loopback, smaller ones cost CPU; bounds memory at about 2 × this × uploads. */
const CHUNK_BYTES = 1024 * 1024;
/** What is read of an answer that came before the whole body was sent. */
const EARLY_ANSWER_BYTES = 64 * 1024;
const CONNECTIONS_PER_HOST = 8;
const UNUSED_MS = 30_000;
/**
 * One request on the wire: no redirects, no retries, no credentials of its own. `fetch` is not used, because its stream
 * bodies take three times the memory. Proxies are Node's own business (HTTPS_PROXY, NO_PROXY; Node 24.5 and newer), and
 * so are certificates (NODE_EXTRA_CA_CERTS).
 */
function createSend(env, timeouts) {
    // `timeout` closes connections that nobody uses: firewalls forget them without a word during a long build.
    const options = { keepAlive: true, maxSockets: CONNECTIONS_PER_HOST, timeout: UNUSED_MS, proxyEnv: env };
    const plain = new external_node_http_.Agent(options);
    const secure = new external_node_https_.Agent(options);
    return ({ method, url, headers, body }) => new Promise((resolve, reject) => {
        const isSecure = url.protocol === 'https:';
        const outgoing = (isSecure ? external_node_https_namespaceObject : external_node_http_namespaceObject).request(url, {
            method,
            headers: { ...headers, ...lengthOf(method, body) },
            agent: isSecure ? secure : plain,
        });
        let answered = false;
        const fail = (error) => {
            if (!answered)
                reject(error);
        };
        outgoing.setTimeout(timeouts.idle, () => outgoing.destroy(idleError(timeouts.idle)));
        outgoing.on('error', fail);
        outgoing.on('response', (incoming) => {
            answered = true;
            const answer = { status: incoming.statusCode ?? 0, headers: flatten(incoming.headers) };
            if (outgoing.writableEnded) {
                resolve({ ...answer, stream: incoming });
                return;
            }
            // The registry answered before it had the whole body, so it wants no more of it: keep the answer, stop sending.
            void readAtMost(incoming, EARLY_ANSWER_BYTES).then((bytes) => {
                outgoing.destroy();
                resolve({ ...answer, stream: external_node_stream_.Readable.from([bytes]) });
            });
        });
        sendBody(outgoing, body).catch(fail);
    });
}
async function sendBody(outgoing, body) {
    if (body?.kind !== 'file') {
        outgoing.end(body?.bytes);
        return;
    }
    if (body.size === 0) {
        outgoing.end();
        return;
    }
    const range = { start: body.start, end: body.start + body.size - 1, highWaterMark: CHUNK_BYTES };
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(body.path, range), outgoing);
}
function lengthOf(method, body) {
    if (body === undefined)
        return method === 'GET' || method === 'HEAD' || method === 'DELETE' ? {} : { 'content-length': '0' };
    return { 'content-length': String(body.kind === 'file' ? body.size : body.bytes.byteLength) };
}
function flatten(headers) {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}
function idleError(milliseconds) {
    return Object.assign(new Error(`no byte moved for ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' });
}
/** As much as came, also when the connection broke: for answers whose status says enough. */
async function readAtMost(stream, limit) {
    const chunks = [];
    let length = 0;
    try {
        for await (const chunk of stream) {
            chunks.push(chunk);
            length += chunk.length;
            if (length >= limit)
                break;
        }
    }
    catch {
        // The status has arrived; the rest of the text is a help at most.
    }
    return Buffer.concat(chunks).subarray(0, limit);
}
/** Reads a whole body; throws a RangeError as soon as it is larger than the limit (bytes). */
async function readAll(stream, limit) {
    const chunks = [];
    let length = 0;
    for await (const chunk of stream) {
        length += chunk.length;
        if (length > limit) {
            stream.destroy();
            throw new RangeError(`the answer is larger than ${limit} bytes`);
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}
/** Reads what is left, so that the connection can be used again; of long or broken answers nothing is kept. */
async function drain(stream) {
    const bytes = await readAtMost(stream, EARLY_ANSWER_BYTES);
    stream.destroy();
    return bytes;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/redirect.js


const MOST_HOPS = 5;
const redirect_REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** An address that a registry names and that must not be used. The message names hosts only. */
class AddressError extends Error {
}
/**
 * Where a Location leads. A same-host http address behind an https one is the mark of a proxy that ends TLS: it stays on
 * https. To any other plain http address an https one never leads, except on loopback.
 */
function resolveLocation(location, from) {
    let to;
    try {
        to = new URL(location, from);
    }
    catch {
        throw new AddressError(`${from.host} answered with a Location that is no URL`);
    }
    if (to.protocol !== 'https:' && to.protocol !== 'http:')
        throw new AddressError(`${from.host} redirects to ${to.protocol}, which is neither https nor http`);
    to.username = '';
    to.password = '';
    to.hash = '';
    if (from.protocol === 'https:' && to.protocol === 'http:' && !(0,model_reference/* isLoopback */.U9)(to.host)) {
        if (to.host !== from.host)
            throw new AddressError(`${from.host} redirects from https to plain http at ${to.host}`);
        to.protocol = 'https:';
    }
    return to;
}
/**
 * Follows redirects. `Authorization` goes only to the origin it was made for. 303 (and 301, 302 for anything that is no
 * read) is not an answer that the distribution spec knows for writes, so only 307 and 308 carry a write further.
 */
async function sendFollowing(send, request) {
    let current = request;
    for (let hop = 0;; hop += 1) {
        const response = await send(current);
        const { location } = response.headers;
        const followed = { ...response, url: current.url };
        if (!redirect_REDIRECTS.has(response.status) || location === undefined)
            return followed;
        const isRead = current.method === 'GET' || current.method === 'HEAD';
        if (!isRead && response.status !== 307 && response.status !== 308)
            return followed;
        await drain(response.stream);
        if (hop === MOST_HOPS)
            throw new AddressError(`more than ${MOST_HOPS} redirects from ${request.url.host}`);
        const url = resolveLocation(location, current.url);
        current = { ...current, url, headers: headersFor(current.headers, current.url, url) };
    }
}
function headersFor(headers, from, to) {
    if (from.origin === to.origin)
        return headers;
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/failure.js


/** One failed request, inside this adapter; `explain` makes the ReleaseError of it that leaves. Its text is sanitized. */
class RegistryFailure extends Error {
    method;
    target;
    stage;
    status;
    errors;
    transient;
    retryAfterMs;
    insufficientScope;
    constructor(details) {
        super(messageOf(details), details.cause === undefined ? {} : { cause: details.cause });
        this.name = 'RegistryFailure';
        this.method = details.method;
        this.target = details.target;
        this.stage = details.stage;
        this.status = details.status;
        this.errors = details.errors ?? [];
        this.transient = details.transient;
        this.retryAfterMs = details.retryAfterMs;
        this.insufficientScope = details.insufficientScope ?? false;
    }
    /** Whether the registry named this error code. */
    says(code) {
        return this.errors.some((error) => error.code === code);
    }
}
function messageOf({ method, target, stage, status, errors = [], reason }) {
    const place = stage === 'token' ? `the token service for ${target}` : target;
    const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ');
    const what = [status, reason, words].filter((part) => part !== undefined && part !== '').join(' ');
    return `${method} ${place}: ${what}`;
}
/** Reads the answer that was not wanted, and says what it says. */
async function failureOf(response, place, secrets, now) {
    const { status, headers } = response;
    const errors = readErrors(await drain(response.stream)).slice(0, 3);
    return new RegistryFailure({
        ...place,
        status,
        errors: errors.map(({ code, message }) => ({
            ...(code === undefined ? {} : { code: sanitize(code, secrets) }),
            ...(message === undefined ? {} : { message: sanitize(message, secrets) }),
        })),
        transient: isTransientStatus(status),
        retryAfterMs: parseRetryAfter(headers['retry-after'], now),
        insufficientScope: /error="?insufficient_scope/i.test(headers['www-authenticate'] ?? ''),
    });
}
const LONGEST = 300;
/** Shorter ones would blot out words. */
const SHORTEST_SECRET = 4;
/**
 * Foreign text for a message: one line, no control characters, shortened, URLs without their query (it may hold a
 * signature), and none of the secrets that this run knows.
 */
function sanitize(text, secrets) {
    let clean = text.replaceAll(/\p{C}+/gu, ' ');
    for (const secret of secrets)
        if (secret.length >= SHORTEST_SECRET)
            clean = clean.replaceAll(secret, '***');
    clean = clean
        .replaceAll(/(https?:\/\/[^\s"'?#]+)[?#][^\s"']*/gi, '$1')
        .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***')
        .replaceAll(/\s+/g, ' ')
        .trim();
    return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}
/** Retry-After in seconds or as a date, in milliseconds from now. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function parseRetryAfter(value, now) {
    if (value === undefined)
        return undefined;
    if (/^\s*\d{1,9}\s*$/.test(value))
        return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
/** 408 and 425 ask for it, 429 too; of the 5xx only "not implemented" will not change by waiting. */
function isTransientStatus(status) {
    return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/token.js





const TOKEN_REPLY_BYTES = 1024 * 1024;
/** What a token lives at least, where the answer does not say. */
const DEFAULT_SECONDS = 60;
const CLIENT_ID = 'module-release';
/**
 * Asks the token service: by GET with the password (or anonymously), by POST with an identity token.
 * https://distribution.github.io/distribution/spec/auth/oauth/
 */
async function requestToken(ask) {
    const { login } = ask;
    const request = login?.kind === 'identity' ? exchange(ask, login.token) : query(ask);
    // A body with an identity token is not sent anywhere else than asked for.
    const response = request.method === 'POST' ? await ask.send(request) : await sendFollowing(ask.send, request);
    if (response.status !== 200) {
        throw await failureOf(response, place(ask, request), ask.secrets, ask.now);
    }
    const reply = readTokenReply(await readAll(response.stream, TOKEN_REPLY_BYTES));
    const token = reply?.token || reply?.access_token;
    if (!token || !/^[\x21-\x7e]+$/.test(token))
        throw new RegistryFailure({
            ...place(ask, request),
            reason: 'the answer holds no token',
            transient: false,
        });
    const seconds = reply?.expires_in ?? DEFAULT_SECONDS;
    return { token, seconds: seconds > 0 ? seconds : DEFAULT_SECONDS };
}
function place(ask, { method }) {
    const host = ask.realm.host === ask.registry ? '' : ` (${ask.realm.host})`;
    return { method, target: `${ask.registry}${host}`, stage: 'token' };
}
function query({ realm, service, scopes, login }) {
    const url = new URL(realm);
    if (service !== undefined)
        url.searchParams.set('service', service);
    for (const scope of scopes)
        url.searchParams.append('scope', scope);
    const headers = {};
    if (login?.kind === 'basic') {
        url.searchParams.set('account', login.username);
        headers.authorization = basicHeader(login);
    }
    return { method: 'GET', url, headers };
}
function exchange({ realm, service, scopes }, identityToken) {
    const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: CLIENT_ID,
        scope: scopes.join(' '),
        refresh_token: identityToken,
    });
    if (service !== undefined)
        form.set('service', service);
    return {
        method: 'POST',
        url: realm,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: { kind: 'bytes', bytes: Buffer.from(form.toString()) },
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/auth.js






/**
 * Who we are at each registry: the challenge of `/v2/`, asked once, and tokens by scope until they expire.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
class Authenticator {
    #options;
    #challenges = new Map();
    #tokens = new Map();
    /** Scopes that a registry asked for beyond ours, by registry and ours. */
    #asked = new Map();
    constructor(options) {
        this.#options = options;
    }
    /** The Authorization header for a request; undefined when the registry asks for none, or we have nothing to show. */
    async authorize(registry, scopes) {
        const challenge = await this.#challengeOf(registry);
        if (challenge === undefined)
            return undefined;
        const login = await this.#login(registry);
        if (challenge.scheme === 'basic')
            return login?.kind === 'basic' ? basicHeader(login) : undefined;
        if (login?.kind === 'registry-token')
            return `Bearer ${login.token}`;
        return `Bearer ${(await this.#token(registry, challenge, scopes, login)).value}`;
    }
    /** After a 401 to `refused`: a new header, or undefined when there is nothing better to show. */
    async renew(registry, header, scopes, refused) {
        const challenge = parseChallenge(header);
        if (challenge === undefined)
            return undefined;
        this.#challenges.set(registry, Promise.resolve(challenge));
        if (challenge.scheme === 'bearer') {
            const id = key(registry, scopes);
            if (challenge.scope !== undefined)
                this.#asked.set(id, challenge.scope);
            const token = await this.#tokens.get(id)?.catch(() => undefined);
            // Another request may have renewed it already.
            if (token === undefined || `Bearer ${token.value}` === refused)
                this.#tokens.delete(id);
        }
        const renewed = await this.authorize(registry, scopes);
        return renewed === refused ? undefined : renewed;
    }
    async standing(registry, scopes) {
        const challenge = await this.#challengeOf(registry);
        const login = await this.#login(registry);
        const header = await this.authorize(registry, scopes);
        const access = challenge?.scheme === 'bearer' && header !== undefined
            ? readTokenAccess(header.slice('Bearer '.length))
            : undefined;
        return { scheme: challenge?.scheme ?? 'none', login, access };
    }
    async #login(registry) {
        const login = await this.#options.findLogin(registry);
        if (login === undefined)
            return undefined;
        const { secrets } = this.#options;
        secrets.add('password' in login ? login.password : login.token);
        if (login.kind === 'basic')
            secrets.add(base64Pair(login));
        return login;
    }
    #challengeOf(registry) {
        const known = this.#challenges.get(registry) ?? this.#ping(registry);
        this.#challenges.set(registry, known);
        known.catch(() => this.#challenges.delete(registry));
        return known;
    }
    /** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support (end-1) */
    async #ping(registry) {
        const url = new URL('/v2/', this.#options.endpoint(registry));
        const response = await this.#options.send({ method: 'GET', url, headers: {} });
        await drain(response.stream);
        if (response.status !== 401)
            return undefined;
        const challenge = parseChallenge(response.headers['www-authenticate']);
        // Its scope, where there is one, is an example (ghcr.io) and no demand.
        if (challenge?.scheme !== 'bearer')
            return challenge;
        const { scope: _, ...rest } = challenge;
        return rest;
    }
    #token(registry, challenge, scopes, login) {
        const id = key(registry, scopes);
        const get = async (known) => {
            const token = await known?.catch(() => undefined);
            if (token !== undefined && token.expiresAt > this.#options.clock.elapsed())
                return token;
            return this.#fetchToken(registry, challenge, mergeScopes(scopes, this.#asked.get(id)), login);
        };
        const token = get(this.#tokens.get(id));
        this.#tokens.set(id, token);
        token.catch(() => this.#tokens.delete(id));
        return token;
    }
    async #fetchToken(registry, challenge, scopes, login) {
        const { send, secrets, clock } = this.#options;
        const realm = this.#realmOf(registry, challenge);
        const started = clock.elapsed();
        const grant = await requestToken({
            send,
            realm,
            service: challenge.service,
            scopes,
            login,
            registry,
            secrets,
            now: clock.now(),
        });
        secrets.add(grant.token);
        // A tenth early, so that it does not expire on the way.
        return { value: grant.token, expiresAt: started + grant.seconds * 900 };
    }
    /** Credentials go to the realm: it must be as safe as the registry itself. */
    #realmOf(registry, { realm }) {
        const own = this.#options.endpoint(registry);
        const url = URL.parse(realm, own.href);
        if (url === null)
            throw new AddressError(`${registry} names a token service that is no URL`);
        if (url.protocol !== 'https:' && url.protocol !== own.protocol)
            throw new AddressError(`${registry} is on https and names a token service that is not: ${url.host}`);
        return url;
    }
}
function key(registry, scopes) {
    return [registry, ...scopes].join(' ');
}

// EXTERNAL MODULE: external "node:util/types"
var types_ = __webpack_require__(3429);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/transport.js






/** Sends calls with their credentials, and makes a RegistryFailure of every way in which one can fail. */
class Transport {
    retrying;
    #options;
    constructor(options) {
        this.#options = options;
        this.retrying = options.retrier;
    }
    /** With retries; the body of the answer is dropped. */
    call(call) {
        return this.retrying(() => this.once(call));
    }
    /** With retries; the whole body, at most `limit` bytes. */
    bytes(call, limit) {
        return this.retrying(() => this.stream(call, async ({ status, headers, url, stream }) => ({
            status,
            headers,
            url,
            bytes: await readAll(stream, limit),
        })));
    }
    /** One attempt; the body of the answer is dropped. */
    once(call) {
        return this.stream(call, async ({ status, headers, url, stream }) => {
            await drain(stream);
            return { status, headers, url };
        });
    }
    /** One attempt; `read` takes the body, and a connection that breaks meanwhile is a failure of the call. */
    stream(call, read) {
        const place = placeOf(call);
        return this.attempt(place, async () => {
            const response = await this.#authorized(call);
            if (call.expect.includes(response.status))
                return read(response);
            throw await failureOf(response, place, this.#options.secrets, this.#options.clock.now());
        });
    }
    /** Whatever goes wrong in the work, on the network or with an address, is a failure at this place. */
    async attempt(place, work) {
        try {
            return await work();
        }
        catch (error) {
            throw this.#asFailure(place, error);
        }
    }
    /** The address of the registry's API root. */
    root(registry) {
        return new URL('/v2/', this.#options.endpoint(registry));
    }
    async #authorized(call) {
        const { auth, send, endpoint } = this.#options;
        const { registry } = call.repository;
        const base = endpoint(registry);
        const url = typeof call.to === 'string'
            ? new URL(`${call.repository.path}/${call.to}`, this.root(registry))
            : call.to;
        const request = { method: call.method, url, headers: call.headers ?? {}, ...bodyOf(call) };
        // An upload session may live on another host, which then knows it by its address alone.
        if (url.origin !== base.origin)
            return sendFollowing(send, request);
        const scopes = scopesOf(call);
        const authorization = await auth.authorize(registry, scopes);
        const response = await sendFollowing(send, withHeader(request, authorization));
        if (response.status !== 401 || response.url.origin !== base.origin)
            return response;
        const renewed = await auth.renew(registry, response.headers['www-authenticate'], scopes, authorization);
        if (renewed === undefined)
            return response;
        await drain(response.stream);
        return sendFollowing(send, withHeader(request, renewed));
    }
    #asFailure(place, error) {
        if (error instanceof RegistryFailure || error instanceof errors/* ReleaseError */.K2 || !(0,types_.isNativeError)(error))
            return error;
        const reason = sanitize(error.message, this.#options.secrets);
        if (error instanceof AddressError || error instanceof RangeError)
            return new RegistryFailure({ ...place, reason, transient: false, cause: error });
        const code = errorCode(error);
        // Trouble with our own file, and not with the network.
        if ('path' in error || !/^(E[A-Z]|UND_|ERR_|HPE_|[A-Z]+_)/.test(code))
            return error;
        return new RegistryFailure({ ...place, reason, transient: !isCertificateTrouble(code), cause: error });
    }
}
/** `ECONNRESET`, …; empty when there is none. */
function errorCode(error) {
    return (0,types_.isNativeError)(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
/** Codes of OpenSSL and Node that another attempt does not change. */
function isCertificateTrouble(code) {
    return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^EPROTO$|^ERR_SSL/.test(code);
}
function placeOf(call) {
    return { method: call.method, target: (0,model_reference/* formatRepository */.Sh)(call.repository), stage: 'registry' };
}
/** https://distribution.github.io/distribution/spec/auth/scope/ */
function scopesOf({ repository, access, from }) {
    const own = `repository:${repository.path}:${access === 'push' ? 'pull,push' : 'pull'}`;
    return from === undefined ? [own] : [own, `repository:${from.path}:pull`];
}
function withHeader(request, authorization) {
    return authorization === undefined
        ? request
        : { ...request, headers: { ...request.headers, authorization } };
}
function bodyOf({ body }) {
    return body === undefined ? {} : { body };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/explain.js



/** The ReleaseError for a failed request: which code, and what to do at this very registry. */
function explain(failure, about) {
    const code = explain_codeOf(failure, about);
    const hint = hintOf(code, failure, about);
    return new errors/* ReleaseError */.K2(code, failure.message, {
        cause: failure.cause ?? failure,
        ...(hint === undefined ? {} : { hint }),
    });
}
function explain_codeOf(failure, { login }) {
    const { status } = failure;
    if (failure.says('DIGEST_INVALID'))
        return 'DIGEST_MISMATCH';
    // Registries with their own immutable tags (Amazon ECR, Harbor, Docker Hub) refuse the write in their own words.
    if (failure.method === 'PUT' && /immutab/i.test(failure.message))
        return 'TAG_IMMUTABLE';
    if (failure.insufficientScope)
        return login === undefined ? 'REGISTRY_LOGIN' : 'REGISTRY_FORBIDDEN';
    if (status === 401)
        return 'REGISTRY_LOGIN';
    if (status === 403)
        return 'REGISTRY_FORBIDDEN';
    if (status === 404 && failure.method !== 'PUT')
        return 'REGISTRY_NOT_FOUND';
    if (failure.says('NAME_UNKNOWN'))
        return 'REGISTRY_NOT_FOUND';
    return 'REGISTRY_UNAVAILABLE';
}
function hintOf(code, failure, about) {
    switch (code) {
        case 'REGISTRY_LOGIN':
            return loginHint(about);
        case 'REGISTRY_FORBIDDEN':
            return forbiddenHint(about);
        case 'REGISTRY_NOT_FOUND':
            return notFoundHint(failure, about);
        case 'REGISTRY_UNAVAILABLE':
            return unavailableHint(failure, about);
        default:
            return undefined;
    }
}
function loginHint({ repository: { registry }, login }) {
    if (login === undefined)
        return `No credentials were found for ${registry}: set \`username\` and \`password\`, or \`registry-auth\`, or log in before this step.`;
    const name = login.kind === 'basic' ? ` (user ${login.username})` : '';
    return `The credentials${name} came from ${login.from}: check that they are for ${registry} and have not expired.`;
}
/** https://docs.github.com/packages/learn-github-packages/configuring-a-packages-access-control-and-visibility */
function forbiddenHint({ repository, login }) {
    const { registry, path } = repository;
    const [owner = '', ...rest] = path.split('/');
    if (registry === 'ghcr.io') {
        const name = encodeURIComponent(rest.join('/'));
        const settings = `packages/container/${name}/settings`;
        return ('Add `permissions: packages: write` to the job. If the package exists already, grant this repository the role Write ' +
            `under "Manage Actions access" at https://github.com/orgs/${owner}/${settings} (of a user account: ` +
            `https://github.com/users/${owner}/${settings}). Runs of forked repositories never get this right.`);
    }
    if (registry === 'docker.io')
        return `Use an access token with the permissions Read & Write, of a user who may push to ${path}.`;
    if (isQuay(registry))
        return `Give the robot account the permission Write on ${path} (Repository Settings, User and Robot Permissions); to create a repository it needs the team role Creator.`;
    if (isEcr(registry))
        return 'The role needs ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage on this repository.';
    const who = login === undefined ? 'anonymous access' : login.kind === 'basic' ? `user ${login.username}` : 'token';
    return `Grant the ${who} the right to push to ${(0,model_reference/* formatRepository */.Sh)(repository)}.`;
}
function notFoundHint(failure, { repository: { registry, path } }) {
    if (failure.says('BLOB_UNKNOWN'))
        return 'The registry lists this image and no longer has all of its bytes: build it again under a new version.';
    if (!isEcr(registry))
        return undefined;
    const region = registry.split('.')[3] ?? 'REGION';
    return `Amazon ECR does not create repositories on push: run \`aws ecr create-repository --region ${region} --repository-name ${path}\` once.`;
}
function unavailableHint(failure, { repository: { registry } }) {
    const code = errorCode(failure.cause);
    if (isCertificateTrouble(code))
        return `The TLS certificate of ${registry} was not accepted: give its authority in NODE_EXTRA_CA_CERTS, or name the registry in \`registry-insecure\` when it speaks plain http.`;
    if (failure.status === 429)
        return 'The registry limits how often it is asked: log in, or re-run later. The job continues where this one stopped.';
    if (failure.status !== undefined && failure.status < 500)
        return 'The registry refused this request for good; its own words stand in the message.';
    return undefined;
}
/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com`. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function isEcr(registry) {
    return /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.test(registry);
}
function isQuay(registry) {
    return registry === 'quay.io' || registry.endsWith('.quay.io');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/uploads.js






const OCTETS = { 'content-type': 'application/octet-stream' };
/**
 * HEAD, else mount, else one streamed PUT to an upload session.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
async function pushBlob(transport, push) {
    if (await blobExists((call) => transport.call(call), push))
        return 'existing';
    const mount = await tryMount(transport, push);
    if (mount === 'mounted')
        return mount;
    await upload(transport, push, mount);
    return 'uploaded';
}
async function blobExists(send, push) {
    const head = callOf(push, { method: 'HEAD', to: `blobs/${push.blob.digest}`, expect: [200, 404] });
    return (await send(head)).status === 200;
}
/** Mounting is a favor: a registry that does not, or may not, opens an upload session or refuses, and the bytes are sent. */
async function tryMount(transport, push) {
    let session;
    for (const from of push.mountFrom) {
        const to = `blobs/uploads/?${new URLSearchParams({ mount: push.blob.digest, from: from.path })}`;
        const call = { ...callOf(push, { method: 'POST', to, expect: [201, 202] }), from };
        try {
            const answer = await transport.once(call);
            if (session !== undefined)
                await cancel(transport, push.repository, session);
            if (answer.status === 201)
                return 'mounted';
            session = sessionOf(answer, call);
        }
        catch (error) {
            if (!(error instanceof RegistryFailure))
                throw error;
        }
    }
    return session;
}
/** One attempt to open an upload session. */
async function openSession(transport, repository) {
    const call = { repository, access: 'push', method: 'POST', to: 'blobs/uploads/', expect: [202] };
    return sessionOf(await transport.once(call), call);
}
/** Registries forget sessions by themselves, so a refusal to delete one is nothing. */
async function cancel(transport, repository, session) {
    const call = { repository, access: 'push', method: 'DELETE', to: session.url, expect: [204] };
    await transport.once(call).catch(() => undefined);
}
async function upload(transport, push, opened) {
    let session = opened;
    await transport.retrying(async (attempt) => {
        if (attempt > 1) {
            if (await blobExists((call) => transport.once(call), push))
                return;
            if (session !== undefined && (await resume(transport, push, session)))
                return;
            session = undefined;
        }
        session ??= await openSession(transport, push.repository);
        try {
            await finish(transport, push, session, wholeFile(push));
        }
        catch (error) {
            throw asForgotten(error);
        }
    });
}
/** A session that the registry has forgotten is a break like any other: the next attempt opens a new one. */
function asForgotten(error) {
    if (!(error instanceof RegistryFailure) || !error.says('BLOB_UPLOAD_UNKNOWN'))
        return error;
    const { method, target, stage, errors, status = 404 } = error;
    return new RegistryFailure({ method, target, stage, errors, status, transient: true });
}
/**
 * After a break: asks how much arrived, and sends the rest. False when the registry cannot tell, has nothing, or does not
 * like the rest: then a new session is opened, and the bytes are sent from their start.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 */
async function resume(transport, push, session) {
    const { path, blob } = push;
    try {
        const ask = callOf(push, { method: 'GET', to: session.url, expect: [204] });
        const answer = await transport.once(ask);
        const start = nextOffset(answer.headers.range);
        if (start === 0 || start > blob.size)
            return false;
        let current = answer.headers.location === undefined ? session : sessionOf(answer, ask);
        if (start < blob.size) {
            const headers = { ...OCTETS, 'content-range': `${start}-${blob.size - 1}` };
            const body = { kind: 'file', path, start, size: blob.size - start };
            const patch = { ...callOf(push, { method: 'PATCH', to: current.url, expect: [202] }), headers, body };
            current = sessionOf(await transport.once(patch), patch);
        }
        await finish(transport, push, current, undefined);
        return true;
    }
    catch (error) {
        if (error instanceof RegistryFailure)
            return false;
        throw error;
    }
}
/** `0-99` is 100 bytes. `0-0` is what registries say of an empty session. */
function nextOffset(range) {
    const end = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(range ?? '')?.[1] ?? 0);
    return end === 0 ? 0 : end + 1;
}
async function finish(transport, push, session, body) {
    // The query is the registry's own (state, signatures) and stays as it is, byte for byte.
    const to = new URL(session.url);
    to.search = `${to.search === '' ? '?' : `${to.search}&`}digest=${encodeURIComponent(push.blob.digest)}`;
    const put = callOf(push, { method: 'PUT', to, expect: [201, 204] });
    const answer = await transport.once({ ...put, headers: OCTETS, ...(body === undefined ? {} : { body }) });
    requireAnswered(answer, push.blob.digest, push.repository);
}
function wholeFile({ path, blob }) {
    return { kind: 'file', path, start: 0, size: blob.size };
}
/** What the registry says it has stored must be what we sent. */
function requireAnswered(answer, expected, repository) {
    const said = answer.headers['docker-content-digest'];
    if (said === undefined || !(0,model_digest/* isDigest */.Bc)(said) || said === expected)
        return;
    throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', `${(0,model_reference/* formatRepository */.Sh)(repository)} answers another digest than was sent: expected ${expected}, got ${said}`);
}
function sessionOf(answer, call) {
    const { location } = answer.headers;
    const fail = (reason) => {
        throw new RegistryFailure({ ...placeOf(call), reason, transient: false });
    };
    if (location === undefined)
        return fail('an upload session without a Location');
    try {
        return { url: resolveLocation(location, answer.url) };
    }
    catch (error) {
        if (error instanceof AddressError)
            return fail(error.message);
        throw error;
    }
}
function callOf(push, call) {
    return { ...call, repository: push.repository, access: 'push' };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/check-push.js




/**
 * Whether we may push, before minute one. A token service that does not grant what it was asked for answers with less and
 * no error, so a readable token is read; otherwise only an upload session, opened and deleted, tells (`probe`). Without
 * that, it is checked that the login is accepted.
 */
async function checkPush(transport, auth, repository, probe) {
    const { registry, path } = repository;
    const place = { method: 'GET', target: (0,model_reference/* formatRepository */.Sh)(repository), stage: 'registry' };
    const { access } = await transport.retrying(() => transport.attempt(place, () => auth.standing(registry, [`repository:${path}:pull,push`])));
    if (access !== undefined) {
        if (grantsPush(access, repository))
            return;
        const reason = 'the token that was granted does not allow to push';
        throw new RegistryFailure({
            ...place,
            stage: 'token',
            reason,
            transient: false,
            insufficientScope: true,
        });
    }
    if (probe) {
        const session = await transport.retrying(() => openSession(transport, repository));
        await cancel(transport, repository, session);
        return;
    }
    const read = { repository, access: 'push', method: 'GET' };
    await transport.call({ ...read, to: transport.root(registry), expect: [200, 404] });
    // Reading an empty list of tags tells whether the repository exists, where that is the user's own business.
    if (isEcr(registry))
        await transport.call({ ...read, to: 'tags/list', expect: [200] });
}
function grantsPush(access, { path }) {
    return access.some(({ type, name, actions }) => type === 'repository' && name === path && (actions.includes('push') || actions.includes('*')));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/downloads.js









/**
 * Streams a blob into a file beside its place, which it takes only when size and digest are right. After a break it asks
 * for the rest. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
 */
async function pullBlob(transport, pull) {
    const { repository, blob, path } = pull;
    const part = `${path}.${(0,external_node_crypto_.randomBytes)(6).toString('hex')}.part`;
    await (0,external_node_fs_promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
    try {
        const hex = await transport.retrying((attempt) => pullOnce(transport, pull, part, attempt));
        const digest = (0,model_digest/* digestFromHex */.Ch)(hex);
        if (digest !== blob.digest) {
            const message = `a blob of ${(0,model_reference/* formatRepository */.Sh)(repository)}: expected ${blob.digest}, got ${digest}`;
            throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', message);
        }
        await (0,external_node_fs_promises_.rename)(part, path);
    }
    finally {
        await (0,external_node_fs_promises_.rm)(part, { force: true });
    }
}
/** Returns the SHA-256 of the whole file in hex. */
async function pullOnce(transport, { repository, blob, access }, part, attempt) {
    const held = attempt === 1 ? 0 : await sizeOf(part);
    const start = held < blob.size ? held : 0;
    const headers = start === 0 ? {} : { range: `bytes=${start}-` };
    const call = { repository, access, method: 'GET', to: `blobs/${blob.digest}`, headers };
    return transport.stream({ ...call, expect: start === 0 ? [200] : [200, 206] }, async (response) => {
        const from = response.status === 206 ? start : 0;
        if (from > 0 && !response.headers['content-range']?.startsWith(`bytes ${from}-`)) {
            await (0,external_node_fs_promises_.rm)(part, { force: true });
            throw broken('another range came than was asked for');
        }
        return receive(response, blob, part, from);
    });
}
async function receive(response, blob, part, from) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    if (from > 0)
        await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(part), hash, { end: false });
    const gauge = { received: from };
    const flags = from > 0 ? 'a' : 'w';
    await (0,external_node_stream_promises_.pipeline)(response.stream, counting(gauge, blob, hash), (0,external_node_fs_.createWriteStream)(part, { flags }));
    // The connection ended as if all were well: some proxies cut without a word.
    if (gauge.received < blob.size)
        throw broken(`${gauge.received} of ${blob.size} bytes came`);
    return hash.digest('hex');
}
function counting(gauge, blob, hash) {
    return new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            gauge.received += chunk.byteLength;
            const tooMany = gauge.received > blob.size;
            if (!tooMany)
                hash.update(chunk);
            done(tooMany ? new RangeError(`more than the ${blob.size} bytes of ${blob.digest} came`) : null, chunk);
        },
    });
}
async function sizeOf(path) {
    return (await (0,external_node_fs_promises_.stat)(path).catch(() => undefined))?.size ?? 0;
}
/** Treated as a connection that broke. */
function broken(message) {
    return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

// EXTERNAL MODULE: ./node_modules/zod/v4/core/api.js + 1 modules
var api = __webpack_require__(3305);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/model/manifest.js



const MEDIA = {
    ociManifest: 'application/vnd.oci.image.manifest.v1+json',
    ociIndex: 'application/vnd.oci.image.index.v1+json',
    ociConfig: 'application/vnd.oci.image.config.v1+json',
    ociLayer: 'application/vnd.oci.image.layer.v1.tar',
    ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
    dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
    dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
    inToto: 'application/vnd.in-toto+json',
};
/** What we accept when we ask a registry for a manifest. */
const MANIFEST_TYPES = [
    MEDIA.ociIndex,
    MEDIA.ociManifest,
    MEDIA.dockerIndex,
    MEDIA.dockerManifest,
];
const platform = schemas/* object */.Ikc({ os: schemas/* string */.YjP(), architecture: schemas/* string */.YjP(), variant: schemas/* optional */.lqM(schemas/* string */.YjP()) });
const descriptor = schemas/* object */.Ikc({
    mediaType: schemas/* string */.YjP(),
    digest: schemas/* string */.YjP().check(schemas/* refine */.YPB(model_digest/* isDigest */.Bc, 'not a sha256 digest')),
    size: schemas/* number */.aig().check(schemas/* int */.Whr(), api/* _gte */.qm(0)),
    platform: schemas/* optional */.lqM(platform),
    artifactType: schemas/* optional */.lqM(schemas/* string */.YjP()),
    annotations: schemas/* optional */.lqM(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP())),
});
/** https://github.com/opencontainers/image-spec/blob/main/image-index.md */
const index = schemas/* object */.Ikc({
    schemaVersion: schemas/* literal */.euz(2),
    mediaType: schemas/* optional */.lqM(schemas/* string */.YjP()),
    artifactType: schemas/* optional */.lqM(schemas/* string */.YjP()),
    manifests: schemas/* array */.YOg(descriptor),
    subject: schemas/* optional */.lqM(descriptor),
    annotations: schemas/* optional */.lqM(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP())),
});
/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
const manifest = schemas/* object */.Ikc({
    schemaVersion: schemas/* literal */.euz(2),
    mediaType: schemas/* optional */.lqM(schemas/* string */.YjP()),
    artifactType: schemas/* optional */.lqM(schemas/* string */.YjP()),
    config: descriptor,
    layers: schemas/* array */.YOg(descriptor),
    subject: schemas/* optional */.lqM(descriptor),
    annotations: schemas/* optional */.lqM(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP())),
});
/** Encodes JSON once and describes the bytes. */
function encodeJson(value, mediaType) {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return describeBytes(bytes, mediaType);
}
function describeBytes(bytes, mediaType) {
    return { bytes, descriptor: { mediaType, digest: (0,model_digest/* digestOf */.ol)(bytes), size: bytes.byteLength } };
}
/** Throws DIGEST_MISMATCH unless the bytes have this digest. `where` names their origin for the message. */
function requireDigest(bytes, expected, where) {
    const actual = (0,model_digest/* digestOf */.ol)(bytes);
    if (actual !== expected)
        throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', `${where}: expected ${expected}, got ${actual}`);
}
function isIndexType(mediaType) {
    return mediaType === MEDIA.ociIndex || mediaType === MEDIA.dockerIndex;
}
/** Parses hostile bytes into an index or a manifest; throws a plain Error that says what is wrong. */
function decodeManifest(bytes) {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof json === 'object' && json !== null && 'manifests' in json) {
        const parsed = index.parse(json);
        return {
            kind: 'index',
            manifests: parsed.manifests.map(toDescriptor),
            annotations: parsed.annotations ?? {},
        };
    }
    const parsed = manifest.parse(json);
    return {
        kind: 'manifest',
        config: toDescriptor(parsed.config),
        layers: parsed.layers.map(toDescriptor),
        annotations: parsed.annotations ?? {},
        ...(parsed.artifactType === undefined ? {} : { artifactType: parsed.artifactType }),
    };
}
/** The media type that the bytes name themselves; registries and layouts may leave it out of the document. */
function mediaTypeOf(bytes) {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof json === 'object' && json !== null) {
        if ('mediaType' in json && typeof json.mediaType === 'string')
            return json.mediaType;
        if ('manifests' in json)
            return MEDIA.ociIndex;
    }
    return MEDIA.ociManifest;
}
/**
 * The members of an index that are images. BuildKit's attestation manifests carry the platform unknown/unknown and an
 * annotation; they are no platform. https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
function imageMembers(members) {
    return members.filter((d) => d.annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest' &&
        !(d.platform?.os === 'unknown' && d.platform.architecture === 'unknown') &&
        d.artifactType === undefined);
}
function toDescriptor(raw) {
    const { digest } = raw;
    if (!(0,model_digest/* isDigest */.Bc)(digest))
        throw new errors/* ReleaseError */.K2('INTERNAL', `a digest that passed its check is none: ${digest}`);
    return {
        mediaType: raw.mediaType,
        digest,
        size: raw.size,
        ...(raw.platform === undefined ? {} : { platform: toPlatform(raw.platform) }),
        ...(raw.artifactType === undefined ? {} : { artifactType: raw.artifactType }),
        ...(raw.annotations === undefined ? {} : { annotations: raw.annotations }),
    };
}
function toPlatform(raw) {
    const { os, architecture, variant } = raw;
    return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/retry.js

const RETRY = { attempts: 6, firstDelayMs: 500, maxDelayMs: 20_000, totalMs: 300_000 };
/** For what is written but not yet readable: registries with several replicas need a moment. */
const READ_BACK = { attempts: 8, firstDelayMs: 100, maxDelayMs: 4_000, totalMs: 15_000 };
/**
 * Milliseconds to wait after the attempt that failed (the first is 1); undefined = give up. Exponential with jitter, so
 * that many runners do not come back at the same moment; what the registry asks for (Retry-After) is kept, or given up.
 */
function nextDelay(policy, state, random) {
    if (state.attempt >= policy.attempts)
        return undefined;
    const backoff = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (state.attempt - 1));
    const delay = state.retryAfterMs === undefined
        ? backoff * (0.5 + random / 2)
        : state.retryAfterMs + policy.firstDelayMs * random;
    return state.waitedMs + delay > policy.totalMs ? undefined : Math.round(delay);
}
/** Repeats work that failed transiently; the last failure is thrown. */
function createRetrier(options) {
    return async (work, policy = options.policy) => {
        let waitedMs = 0;
        for (let attempt = 1;; attempt += 1) {
            try {
                return await work(attempt);
            }
            catch (error) {
                if (!(error instanceof RegistryFailure) || !error.transient)
                    throw error;
                const { retryAfterMs } = error;
                const delay = nextDelay(policy, { attempt, waitedMs, retryAfterMs }, options.random());
                if (delay === undefined)
                    throw error;
                options.onRetry(error, delay);
                waitedMs += delay;
                await options.clock.sleep(delay);
            }
        }
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/manifests.js








/** What registries must take at least, and hardly any takes more. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
const MANIFEST_BYTES = 4 * 1024 * 1024;
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };
/** HEAD; where a registry leaves something out of the headers, the manifest itself is read. */
async function resolveManifest(transport, ref, access) {
    const answer = await transport.call(readCall(ref, 'HEAD', access));
    if (answer.status === 404)
        return undefined;
    const digest = answer.headers['docker-content-digest'];
    const mediaType = mediaTypeOfHeader(answer.headers['content-type']);
    const length = answer.headers['content-length'];
    if (digest === undefined || !(0,model_digest/* isDigest */.Bc)(digest) || mediaType === undefined || !/^\d+$/.test(length ?? ''))
        return (await getManifest(transport, ref, access))?.descriptor;
    if ((0,model_reference/* isDigestRef */.oO)(ref) && digest !== ref.digest)
        throw mismatch(ref, ref.digest, digest);
    return { mediaType, digest, size: Number(length) };
}
/** By digest the bytes are checked against it; by tag their own hash is the truth, and the header must agree. */
async function getManifest(transport, ref, access) {
    const answer = await transport.bytes(readCall(ref, 'GET', access), MANIFEST_BYTES);
    if (answer.status === 404)
        return undefined;
    const encoded = describeBytes(answer.bytes, mediaTypeOfAnswer(answer, ref));
    if ((0,model_reference/* isDigestRef */.oO)(ref))
        requireDigest(answer.bytes, ref.digest, (0,model_reference/* formatReference */.FH)(ref));
    const said = answer.headers['docker-content-digest'];
    if (said !== undefined && (0,model_digest/* isDigest */.Bc)(said) && said !== encoded.descriptor.digest)
        throw mismatch(ref, said, encoded.descriptor.digest);
    return encoded;
}
/** PUT, then read back until the registry shows what was written: some need a moment, also for a tag that moved. */
async function putManifest(transport, ref, manifest) {
    const { mediaType, digest } = manifest.descriptor;
    if ((0,model_reference/* isDigestRef */.oO)(ref) && ref.digest !== digest)
        throw mismatch(ref, ref.digest, digest);
    const answer = await transport.retrying(() => transport
        .once({
        ...manifestCall(ref, 'PUT', 'push', [200, 201, 202]),
        headers: { 'content-type': mediaType },
        body: { kind: 'bytes', bytes: manifest.bytes },
    })
        .catch((error) => Promise.reject(asUnsettled(error))));
    requireAnswered(answer, digest, ref.repository);
    await transport.retrying(async () => {
        const found = await resolveManifest(transport, ref, 'push');
        if (found?.digest === digest)
            return;
        const place = placeOf({ method: 'HEAD', repository: ref.repository });
        if (found === undefined)
            throw new RegistryFailure({
                ...place,
                reason: `${digest} was written and is not there`,
                transient: true,
            });
        const reason = `${(0,model_reference/* formatReference */.FH)(ref)} was written as ${digest} and is read back as ${found.digest}`;
        throw new NotReadBack({ ...place, reason, transient: true });
    }, READ_BACK);
}
/** Something else than was written shows up. */
class NotReadBack extends RegistryFailure {
}
/** A registry may need a moment before it knows a blob or a member that it has just taken. */
function asUnsettled(error) {
    if (!(error instanceof RegistryFailure) || error.transient)
        return error;
    if (!error.says('MANIFEST_BLOB_UNKNOWN') && !error.says('MANIFEST_UNKNOWN') && !error.says('BLOB_UNKNOWN'))
        return error;
    const { method, target, stage, errors, status = 404 } = error;
    return new RegistryFailure({ method, target, stage, errors, status, transient: true });
}
function readCall(ref, method, access) {
    return { ...manifestCall(ref, method, access, [200, 404]), headers: ACCEPT };
}
function manifestCall(ref, method, access, expect) {
    const to = `manifests/${(0,model_reference/* isDigestRef */.oO)(ref) ? ref.digest : ref.tag}`;
    return { repository: ref.repository, access, method, to, expect };
}
function mediaTypeOfHeader(header) {
    const type = header?.split(';')[0]?.trim().toLowerCase();
    return MANIFEST_TYPES.find((known) => known === type);
}
function mediaTypeOfAnswer(answer, ref) {
    const type = mediaTypeOfHeader(answer.headers['content-type']);
    if (type !== undefined)
        return type;
    try {
        return mediaTypeOf(answer.bytes);
    }
    catch (cause) {
        const message = `the registry answers no manifest: ${(0,model_reference/* formatReference */.FH)(ref)}`;
        throw new errors/* ReleaseError */.K2('REGISTRY_UNAVAILABLE', message, { cause });
    }
}
function mismatch(ref, expected, actual) {
    return new errors/* ReleaseError */.K2('DIGEST_MISMATCH', `${(0,model_reference/* formatReference */.FH)(ref)}: expected ${expected}, got ${actual}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/client.js








/** Our registry client: what it knows of tokens, blobs and rights lives as long as the run. */
class RegistryClient {
    #transport;
    #auth;
    #findLogin;
    /** Transfers by repository and digest: running, or known to be there. */
    #blobs = new Map();
    /** Repositories that we push to: one token with both rights serves reads too. */
    #pushed = new Set();
    constructor(transport, auth, findLogin) {
        this.#transport = transport;
        this.#auth = auth;
        this.#findLogin = findLogin;
    }
    resolve(reference) {
        return this.#read(reference.repository, (access) => resolveManifest(this.#transport, reference, access));
    }
    getManifest(reference) {
        return this.#read(reference.repository, (access) => getManifest(this.#transport, reference, access));
    }
    async putManifest(reference, manifest) {
        this.#pushed.add((0,model_reference/* formatRepository */.Sh)(reference.repository));
        await this.#explained(reference.repository, () => putManifest(this.#transport, reference, manifest));
    }
    async pushBlob(repository, blob, path, mountFrom) {
        const name = (0,model_reference/* formatRepository */.Sh)(repository);
        const key = `${name}@${blob.digest}`;
        this.#pushed.add(name);
        const running = this.#blobs.get(key);
        if (running !== undefined)
            return running.then(() => 'existing');
        const push = { repository, blob, path, mountFrom: mountFrom.filter((from) => isOther(from, repository)) };
        const transfer = this.#explained(repository, () => pushBlob(this.#transport, push));
        this.#blobs.set(key, transfer);
        transfer.catch(() => this.#blobs.delete(key));
        return transfer;
    }
    pullBlob(repository, blob, path) {
        return this.#read(repository, (access) => pullBlob(this.#transport, { repository, blob, path, access }));
    }
    async checkPush(repository, probe) {
        await this.#explained(repository, () => checkPush(this.#transport, this.#auth, repository, probe));
        this.#pushed.add((0,model_reference/* formatRepository */.Sh)(repository));
    }
    forget(digest) {
        for (const key of this.#blobs.keys())
            if (key.endsWith(`@${digest}`))
                this.#blobs.delete(key);
    }
    /**
     * Reads with the narrower right; where a login is refused that, once more with both: some token services (quay.io)
     * show a repository that does not exist yet only to those who may create it.
     */
    async #read(repository, read) {
        const name = (0,model_reference/* formatRepository */.Sh)(repository);
        return this.#explained(repository, async () => {
            if (this.#pushed.has(name))
                return read('push');
            try {
                return await read('pull');
            }
            catch (error) {
                if (!isRefusal(error) || (await this.#findLogin(repository.registry)) === undefined)
                    throw error;
                return read('push').catch(() => Promise.reject(error));
            }
        });
    }
    async #explained(repository, work) {
        try {
            return await work();
        }
        catch (error) {
            if (error instanceof NotReadBack) {
                const hint = 'Re-run; if it stays, somebody else writes the same tag, or the registry is not consistent.';
                throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', error.message, { hint, cause: error });
            }
            if (!(error instanceof RegistryFailure))
                throw error;
            const login = await this.#findLogin(repository.registry).catch(() => undefined);
            throw explain(error, { repository, login });
        }
    }
}
function isOther(from, to) {
    return from.registry === to.registry && from.path !== to.path;
}
function isRefusal(error) {
    return error instanceof RegistryFailure && (error.status === 401 || error.status === 403);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/registry/index.js







/** Also the time that a registry may take to hash what it was sent. */
const registry_IDLE_MS = 120_000;
function createRegistry(options) {
    const { clock, log, credentials, insecure, exec, files } = options;
    const env = options.env ?? process.env;
    const endpoint = options.endpoint ?? ((registry) => defaultEndpoint(registry, insecure));
    const secrets = new Set();
    const send = createSend(env, { idle: options.idleTimeout ?? registry_IDLE_MS });
    const findLogin = createFindLogin({ credentials, env, files, exec, log });
    const auth = new Authenticator({ send, endpoint, findLogin, clock, secrets });
    const retrier = createRetrier({
        clock,
        random: options.random ?? Math.random,
        policy: options.retry ?? RETRY,
        onRetry: (failure, delayMs) => log.debug(`${failure.message}. Trying again in ${(delayMs / 1000).toFixed(1)} s.`),
    });
    return new RegistryClient(new Transport({ send, auth, endpoint, clock, secrets, retrier }), auth, findLogin);
}
/** Docker Hub's API has a host of its own. https://docs.docker.com/reference/api/registry/latest/ */
function defaultEndpoint(registry, insecure) {
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const isPlain = (0,model_reference/* isLoopback */.U9)(registry) || insecure.includes(registry);
    return new URL(`${isPlain ? 'http' : 'https'}://${host}/`);
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/adapters/runner/file-command.js
var file_command = __webpack_require__(6956);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/runner/state.js

/** State for the post step; outside a runner there is no post step, and nothing is kept. */
function createState() {
    const path = process.env.GITHUB_STATE ?? '';
    return {
        save(key, value) {
            if (path !== '')
                (0,file_command/* appendKeyValue */.d)(path, key, value);
        },
    };
}
/** What the main step saved last under this key; only the post step sees it. */
function readState(key) {
    const value = process.env[`STATE_${key}`] ?? '';
    return value === '' ? undefined : value;
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/plan.js
var model_plan = __webpack_require__(4403);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/progress.js


const TITLES = {
    preflight: 'Preflight: tools, rights and tags',
    build: 'Build into the staging store',
    inspect: 'Inspect: SBOM and scan',
    gate: 'Gate',
    push: 'Push by digest',
    tag: 'Tag',
    report: 'Report',
};
/**
 * The frame round every step, and the release as far as it came. A step runs inside a log group with its duration; one
 * that the plan skips is recorded with its reason and not entered. What a step found is noted as soon as it is known, so
 * that a failing run still reports everything before the failure.
 */
class Progress {
    #release = { status: 'failed', steps: [], inspections: [], images: [], tools: [], problems: [] };
    #cancelled;
    #ports;
    /** Milliseconds from the start of the process to the first entry in the clock's terms. */
    #zero;
    constructor(ports) {
        this.#ports = ports;
        this.#zero = ports.clock.elapsed();
    }
    get release() {
        return this.#release;
    }
    note(found) {
        this.#release = { ...this.#release, ...found };
    }
    /** What stopped the run; its problems are added to those noted before. */
    fail(error) {
        const known = new Set(this.#release.problems.map((p) => `${p.code} ${p.message}`));
        const fresh = (0,errors/* toReleaseError */.Tp)(error).problems.filter((p) => !known.has(`${p.code} ${p.message}`));
        this.note({ status: 'failed', problems: [...this.#release.problems, ...fresh] });
    }
    /** Runs the step when the plan says `run`; otherwise records why not and answers undefined. */
    async step(plan, id, work) {
        const decision = (0,model_plan/* stepDecision */.R_)(plan, id);
        if (decision.do === 'run')
            return this.always(id, work);
        this.#skip(decision);
        return undefined;
    }
    /** From now on no step begins: a cancelled run must not set a tag while it reports. */
    cancel(reason) {
        this.#cancelled = reason;
    }
    /** Runs the step whatever the plan says: preflight looks also in a dry run. */
    async always(id, work) {
        if (this.#cancelled !== undefined)
            throw this.#cancelled;
        const { clock, log } = this.#ports;
        const started = clock.elapsed();
        const record = (status) => {
            const durationMs = clock.elapsed() - started;
            this.#add({ id, status, startedMs: started - this.#zero, durationMs });
        };
        log.group(TITLES[id]);
        try {
            const result = await work();
            record('done');
            return result;
        }
        catch (error) {
            record('failed');
            throw error;
        }
        finally {
            log.endGroup();
        }
    }
    /** The steps that the run does not come to, with the plan's reasons; the report step is not one of them. */
    skipRest(plan) {
        const entered = new Set(this.#release.steps.map(({ id }) => id));
        const rest = plan.steps.filter(({ id, do: how }) => !entered.has(id) && id !== 'report' && how !== 'run');
        for (const decision of rest)
            this.#skip(decision);
    }
    /** The report is made of what is noted here, so it tells of itself only that it began. */
    report() {
        const startedMs = this.#ports.clock.elapsed() - this.#zero;
        this.#add({ id: 'report', status: 'done', startedMs, durationMs: 0 });
    }
    #skip(decision) {
        const status = decision.do === 'simulate' ? 'simulated' : 'skipped';
        this.#ports.log.info(`${TITLES[decision.id]}: ${status}, because ${decision.reason}.`);
        const startedMs = this.#ports.clock.elapsed() - this.#zero;
        this.#add({ id: decision.id, status, reason: decision.reason, startedMs, durationMs: 0 });
    }
    #add(result) {
        this.note({ steps: [...this.#release.steps, result] });
    }
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/scan.js
var scan = __webpack_require__(2509);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/descriptor.js
var model_descriptor = __webpack_require__(997);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/glob.js
/**
 * Whether a glob matches a whole path: `*` and `?` stay within a folder, `**` crosses folders, `{a,b}` and `[a-z]` choose.
 * The dialect of `.trivyignore.yaml` (github.com/bmatcuk/doublestar); a leading `/` or `./` does not count.
 */
function matchesGlob(glob, path) {
    return new RegExp(`^${toPattern(relative(glob))}$`, 's').test(relative(path));
}
/** Whether the text is a glob: its brackets and braces must close. */
function isGlob(text) {
    try {
        return text !== '' && matchesGlob(text, '') !== undefined;
    }
    catch {
        return false;
    }
}
/** A letter after a backslash would be a class of characters. */
function literal(character) {
    return /\w/.test(character) ? character : `\\${character}`;
}
function relative(path) {
    return path.replace(/^(?:\.?\/)+/, '');
}
function toPattern(glob) {
    let depth = 0;
    return glob.replace(TOKEN, (token) => {
        if (token === '**/')
            return '(?:[^/]+/)*';
        if (token === '/**')
            return '(?:/.*)?';
        if (token === '**' && glob === '**')
            return '.*';
        if (token === '**' || token === '*')
            return '[^/]*';
        if (token === '?')
            return '[^/]';
        if (token === '{') {
            depth += 1;
            return '(?:';
        }
        if (token === '}') {
            if (depth === 0)
                return '\\}';
            depth -= 1;
            return ')';
        }
        if (token === ',')
            return depth > 0 ? '|' : ',';
        if (token.startsWith('['))
            return token.replace(/^\[[!^]/, '[^').replaceAll('\\', '\\\\');
        return literal(token.at(-1) ?? '');
    });
}
/** Longest first; `/**` only at the end of the glob or of an alternative, where it also stands for the folder itself. */
const TOKEN = /\*\*\/|\/\*\*(?=$|[,}])|\*\*|\*|\?|\[[!^]?[^\]/]+\]|[{},]|\\.|[.+^$()|[\]\\/]/gs;

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/waivers.js



const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 14 * DAY_MS;
const FORMS = {
    id: 'the id of a vulnerability (CVE-2024-1234) or of a secret rule',
    paths: 'a list of globs on files in the image, such as usr/lib/**',
    statement: 'a reason in words',
    expired_at: 'a date such as 2027-01-31',
    owner: 'who answers for it',
};
const waivers_text = schemas/* string */.YjP().check(api/* _trim */.WN(), api/* _minLength */.m9(1));
const entry = schemas/* strictObject */.rej({
    id: waivers_text,
    paths: schemas/* optional */.lqM(schemas/* array */.YOg(waivers_text.check(schemas/* refine */.YPB(isGlob)))),
    statement: waivers_text,
    expired_at: schemas/* optional */.lqM(schemas/* string */.YjP().check(schemas/* refine */.YPB(isDate))),
    owner: schemas/* optional */.lqM(waivers_text),
});
const section = schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(entry)));
/**
 * https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml, plus `owner`. Sections of scanners that do not
 * run here are left alone; an unknown key is refused, because a waiver whose narrowing is not understood lifts too much.
 */
const waivers_document = schemas/* nullable */.mee(schemas/* strictObject */.rej({
    vulnerabilities: section,
    secrets: section,
    misconfigurations: schemas/* optional */.lqM(schemas/* unknown */.L5J()),
    licenses: schemas/* optional */.lqM(schemas/* unknown */.L5J()),
}));
/** The waivers of a parsed YAML file; all its problems at once. `file` names it in messages. */
function parseWaivers(content, file) {
    const parsed = waivers_document.safeParse(content ?? null);
    if (!parsed.success)
        return { ok: false, problems: parsed.error.issues.map((issue) => toProblem(issue, content, file)) };
    const of = (kind, entries) => (entries ?? []).map((raw) => ({
        kind,
        id: raw.id,
        paths: raw.paths ?? [],
        statement: raw.statement,
        ...(raw.expired_at === undefined ? {} : { expiredAt: raw.expired_at }),
        ...(raw.owner === undefined ? {} : { owner: raw.owner }),
    }));
    const { vulnerabilities, secrets } = parsed.data ?? {};
    return { ok: true, waivers: [...of('vulnerability', vulnerabilities), ...of('secret', secrets)] };
}
function toProblem(issue, content, file) {
    const place = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    const where = place === '' ? file : `${file}: ${place.replace(/^\./, '')}`;
    if (issue.code === 'unrecognized_keys') {
        const known = issue.path.length === 0 ? 'vulnerabilities, secrets' : Object.keys(FORMS).join(', ');
        return (0,errors/* problem */.CC)('INPUT_INVALID', `${where} has an unknown key: ${issue.keys.join(', ')}`, `Known keys: ${known}.`);
    }
    const value = at(content, issue.path);
    const field = issue.path[2];
    const form = isField(field) ? FORMS[field] : 'lists of waivers under vulnerabilities and secrets';
    const what = value === undefined ? `${where} is missing` : `${where} is not in its form: ${shown(value)}`;
    return (0,errors/* problem */.CC)('INPUT_INVALID', what, `Write ${form}.`);
}
function isField(key) {
    return typeof key === 'string' && Object.hasOwn(FORMS, key);
}
function at(value, path) {
    return path.reduce((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), value);
}
function shown(value) {
    const json = JSON.stringify(value) ?? String(value);
    return json.length <= 80 ? json : `${json.slice(0, 80)}…`;
}
/** A day that exists: not 2026-02-30. */
function isDate(value) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(value))
        return false;
    const time = Date.parse(`${value}T00:00:00Z`);
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
/** Whether the waiver is about this finding, whatever its date. */
function waivers_covers(waiver, finding) {
    if (waiver.kind !== finding.kind || waiver.id !== finding.id)
        return false;
    return waiver.paths.length === 0 || waiver.paths.some((glob) => matchesGlob(glob, finding.location));
}
/** Past the end of its last day (UTC). */
function isExpired(waiver, now) {
    return millisecondsLeft(waiver, now) <= 0;
}
/** Still good, for at most 14 days. */
function expiresSoon(waiver, now) {
    const left = millisecondsLeft(waiver, now);
    return left > 0 && left <= SOON_MS;
}
function millisecondsLeft({ expiredAt }, now) {
    if (expiredAt === undefined)
        return Number.POSITIVE_INFINITY;
    return Date.parse(`${expiredAt}T00:00:00Z`) + DAY_MS - now.getTime();
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/decide.js



/** The one place where a finding is judged: verdict and reports both ask here. */
function standingOf(finding, policy, now) {
    if (!policy.severities.includes(finding.severity))
        return { kind: 'outside-policy' };
    const waiver = policy.waivers.find((each) => !isExpired(each, now) && waivers_covers(each, finding));
    if (waiver !== undefined)
        return { kind: 'waived', waiver };
    const hasFix = finding.fixed !== undefined && finding.fixed !== '';
    if (policy.ignoreUnfixed && finding.kind === 'vulnerability' && !hasFix)
        return { kind: 'unfixed' };
    return { kind: 'refused' };
}
/** The verdict on a whole release: green only when no finding of any platform of any image is refused. */
function decide(policy, inspections, now) {
    const found = inspections.flatMap(({ image, platforms }) => merge(image.planned.name, platforms.flatMap(({ platform, findings }) => findings.map((finding) => ({ platform: (0,model_descriptor/* formatPlatform */.Bq)(platform), finding })))));
    return decideFindings(policy, found, now);
}
/** The same for findings that stand in no image: `image` is the folder, and there are no platforms. */
function decideSources(policy, sources, now) {
    const found = sources.flatMap(({ folder, findings }) => [...findings].sort(worstFirst).map((finding) => ({ image: folder, platforms: [], finding })));
    return decideFindings(policy, found, now);
}
function decideFindings(policy, found, now) {
    const judged = found.map((violation) => ({
        violation,
        standing: standingOf(violation.finding, policy, now),
    }));
    const of = (kind) => judged.filter(({ standing }) => standing.kind === kind).map(({ violation }) => violation);
    const violations = of('refused');
    const inPolicy = found.filter(({ finding }) => policy.severities.includes(finding.severity));
    const live = policy.waivers.filter((waiver) => !isExpired(waiver, now));
    return {
        passed: violations.length === 0,
        violations,
        waived: judged.flatMap(({ violation, standing }) => standing.kind === 'waived' ? [{ ...violation, waiver: standing.waiver }] : []),
        unfixed: of('unfixed'),
        expiredWaivers: policy.waivers.filter((waiver) => isExpired(waiver, now)),
        expiringWaivers: policy.waivers.filter((waiver) => expiresSoon(waiver, now)),
        unusedWaivers: live.filter((waiver) => !inPolicy.some(({ finding }) => waivers_covers(waiver, finding))),
    };
}
/** One row for the same finding on several platforms of an image. Where severity or fix differ, they are not the same. */
function merge(image, sightings) {
    const rows = new Map();
    for (const { platform, finding } of sightings) {
        const key = JSON.stringify([(0,scan/* findingKey */.fl)(finding), finding.severity, finding.fixed]);
        const row = rows.get(key) ?? { finding, platforms: new Set() };
        rows.set(key, row);
        row.platforms.add(platform);
    }
    return [...rows.values()]
        .map(({ finding, platforms }) => ({ image, platforms: [...platforms], finding }))
        .sort((a, b) => worstFirst(a.finding, b.finding));
}
/** Secrets first, then by severity; the rest only keeps the order the same on every run. */
function worstFirst(a, b) {
    const byKind = Number(b.kind === 'secret') - Number(a.kind === 'secret');
    const bySeverity = scan/* SEVERITIES */.oC.indexOf(b.severity) - scan/* SEVERITIES */.oC.indexOf(a.severity);
    const [left, right] = [(0,scan/* findingKey */.fl)(a), (0,scan/* findingKey */.fl)(b)];
    return byKind || bySeverity || (left < right ? -1 : left > right ? 1 : 0);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/sarif.js




/** https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const MOST_RESULTS = 25_000;
const LEVELS = { UNKNOWN: 'note', LOW: 'note', MEDIUM: 'warning', HIGH: 'error', CRITICAL: 'error' };
/** What GitHub's code scanning sorts by: the middle of each severity's CVSS range. */
const SCORES = { UNKNOWN: '0.0', LOW: '2.0', MEDIUM: '5.5', HIGH: '8.0', CRITICAL: '9.5' };
/**
 * All findings of one platform as SARIF, each with the gate's word on it; what a waiver lifts is suppressed with its
 * reason. The category is `<image>/<platform>/`, so that uploads of several images do not replace each other.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
 */
function toSarif({ image, inspection, policy, scanner, now }) {
    const findings = [...inspection.findings].sort(worstFirst).slice(0, MOST_RESULTS);
    const byId = Map.groupBy(findings, ({ id }) => id);
    const ruleIndexes = new Map([...byId.keys()].map((id, index) => [id, index]));
    const platform = (0,model_descriptor/* formatPlatform */.Bq)(inspection.platform);
    return {
        $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
        version: '2.1.0',
        runs: [
            {
                tool: {
                    driver: {
                        name: 'Trivy',
                        informationUri: 'https://github.com/aquasecurity/trivy',
                        semanticVersion: scanner.version,
                        rules: [...byId.values()].map(toRule),
                    },
                },
                automationDetails: { id: `${image}/${platform}/` },
                columnKind: 'utf16CodeUnits',
                results: findings.map((finding) => toResult(finding, image, ruleIndexes.get(finding.id) ?? 0, standingOf(finding, policy, now))),
                properties: {
                    image,
                    platform,
                    digest: inspection.descriptor.digest,
                    gate: {
                        severities: policy.severities,
                        ignoreUnfixed: policy.ignoreUnfixed,
                        passed: inspection.findings.every((each) => standingOf(each, policy, now).kind !== 'refused'),
                    },
                },
            },
        ],
    };
}
/** One rule for an id; where its findings differ in severity, the worst counts. */
function toRule(findings) {
    const [first] = findings;
    if (first === undefined)
        return {};
    const worst = findings.map(({ severity }) => severity).reduce(worse);
    const secret = first.kind === 'secret';
    const title = first.title === '' ? first.id : first.title;
    return {
        id: first.id,
        name: secret ? 'Secret' : 'VulnerablePackage',
        shortDescription: { text: title },
        fullDescription: { text: title },
        defaultConfiguration: { level: LEVELS[worst] },
        ...(first.url === undefined ? {} : { helpUri: first.url }),
        help: { text: secret ? SECRET_HELP : `${first.id}: ${title}` },
        properties: {
            'security-severity': SCORES[worst],
            precision: 'very-high',
            tags: [secret ? 'secret' : 'vulnerability', 'security', worst],
        },
    };
}
const SECRET_HELP = 'Remove the secret from the build, rotate it, and build again.';
function toResult(finding, image, ruleIndex, standing) {
    const { kind, id, severity, installed, fixed, location, line } = finding;
    const message = kind === 'secret'
        ? `A secret stands in the image ${image}: ${finding.title}.`
        : `${finding.package} ${installed} in the image ${image} has ${id}. ${fixed === undefined ? 'There is no fix yet.' : `Fixed in ${fixed}.`}`;
    return {
        ruleId: id,
        ruleIndex,
        level: LEVELS[severity],
        message: { text: message },
        locations: [
            {
                physicalLocation: {
                    artifactLocation: { uri: toUri(`${image}/${location}`) },
                    region: { startLine: line ?? 1 },
                },
            },
        ],
        partialFingerprints: { 'moduleRelease/v1': fingerprint(image, finding) },
        ...(standing.kind === 'waived'
            ? { suppressions: [{ kind: 'external', status: 'accepted', justification: standing.waiver.statement }] }
            : {}),
        properties: {
            gate: standing.kind,
            severity,
            ...(kind === 'secret' ? {} : { package: finding.package, installed }),
            ...(fixed === undefined ? {} : { fixed }),
        },
    };
}
/** Equal for the same finding in the next release, so that an alert keeps its history. */
function fingerprint(image, { kind, id, package: name, location }) {
    return (0,external_node_crypto_.createHash)('sha256')
        .update(JSON.stringify([image, kind, id, name, location]))
        .digest('hex');
}
/** A relative reference: https://www.rfc-editor.org/rfc/rfc3986#section-4.2 */
function toUri(path) {
    return path
        .split('/')
        .filter((segment) => segment !== '')
        .map((segment) => encodeURIComponent(segment.toWellFormed()))
        .join('/');
}
function worse(a, b) {
    return scan/* SEVERITIES */.oC.indexOf(a) >= scan/* SEVERITIES */.oC.indexOf(b) ? a : b;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/table.js
const MOST_ROWS = 100;
const WIDEST_CELL = 60;
/** The violations as a text table for the log. Long lists end with how many more there are. */
function violationTable(violations) {
    const rows = violations.slice(0, MOST_ROWS).map(row);
    const head = ['SEVERITY', 'FINDING', 'PACKAGE', 'INSTALLED', 'FIXED IN', 'WHERE', 'IMAGE'];
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)));
    const lines = [head, ...rows].map((cells) => cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd());
    const more = violations.length - rows.length;
    return more > 0 ? [...lines, `… and ${more} more, which the reports hold.`] : lines;
}
function row({ image, platforms, finding }) {
    const secret = finding.kind === 'secret';
    return [
        finding.severity,
        finding.id,
        secret ? '' : finding.package,
        finding.installed,
        secret ? '' : (finding.fixed ?? 'no fix yet'),
        table_placeOf(finding),
        platforms.length === 0 ? image : `${image} (${platforms.join(', ')})`,
    ].map(cut);
}
/** File and line where a finding stands. */
function table_placeOf({ location, line }) {
    return line === undefined ? location : `${location}:${line}`;
}
/** The end of a path says more than its beginning. */
function cut(cell) {
    return cell.length <= WIDEST_CELL ? cell : `…${cell.slice(1 - WIDEST_CELL)}`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/failure.js


const SHOWN = 5;
/** The error of a red verdict: secrets first, because they must be rotated whatever else is done. */
function gateError(verdict) {
    const secrets = verdict.violations.filter(({ finding }) => finding.kind === 'secret');
    const vulnerabilities = verdict.violations.filter(({ finding }) => finding.kind === 'vulnerability');
    const problems = [];
    if (secrets.length > 0)
        problems.push((0,errors/* problem */.CC)('GATE_SECRET', sentence('secret', secrets, secretText), errors/* ERRORS */.Sr.GATE_SECRET.hint));
    if (vulnerabilities.length > 0)
        problems.push((0,errors/* problem */.CC)('GATE_FINDINGS', sentence('vulnerability', vulnerabilities, findingText), remedy(vulnerabilities)));
    const [first] = problems;
    if (first === undefined)
        return new errors/* ReleaseError */.K2('INTERNAL', 'a green verdict was taken for a red one');
    return new errors/* ReleaseError */.K2(first.code, first.message, { hint: first.hint, problems });
}
function sentence(what, violations, describe) {
    const images = new Set(violations.map(({ image }) => image)).size;
    const plural = what === 'secret' ? 'secrets' : 'vulnerabilities';
    const count = `${violations.length} ${violations.length === 1 ? what : plural}`;
    const where = images === 1 ? `in ${violations[0]?.image ?? ''}` : `in ${images} images`;
    const list = violations.slice(0, SHOWN).map(describe);
    const more = violations.length - list.length;
    return `the gate refuses ${count} ${where}: ${[...list, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`;
}
function secretText({ finding, ...place }) {
    return `${finding.id} (${finding.severity}) at ${table_placeOf(finding)} in ${imageText(place)}`;
}
function findingText({ finding, ...place }) {
    return `${finding.id} (${finding.severity}) ${finding.package} ${finding.installed} in ${imageText(place)}`;
}
function imageText({ image, platforms }) {
    return platforms.length === 0 ? image : `${image} (${platforms.join(', ')})`;
}
function remedy(violations) {
    const upgrades = new Set(violations.flatMap(({ finding }) => finding.fixed === undefined ? [] : [`${finding.package} ${finding.installed} → ${finding.fixed}`]));
    const unfixed = violations.some(({ finding }) => finding.fixed === undefined);
    const list = [...upgrades].slice(0, SHOWN);
    const more = upgrades.size - list.length;
    const upgrade = upgrades.size === 0 ? [] : [`Upgrade ${list.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
    const wait = unfixed ? ['let what has no fix yet pass with `ignore-unfixed`'] : [];
    const ways = [...upgrade, ...wait, 'add a dated waiver with a reason to the `waivers` file'];
    const all = ways.join('; or ');
    return `${all.charAt(0).toUpperCase()}${all.slice(1)}.`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/gate/run.js







/**
 * The policy with its waivers. Throws INPUT_INVALID with every problem of the waiver file. `parseYaml` throws on what is
 * no YAML; it is passed in, because a YAML library costs start-up time and is loaded only when there is a file.
 */
async function readPolicy(inputs, parseYaml, ports) {
    const { severities, ignoreUnfixed } = inputs;
    const waivers = inputs.waivers === undefined ? [] : await readWaivers(inputs.waivers, parseYaml, ports);
    return { severities, ignoreUnfixed, waivers };
}
async function readWaivers(path, parseYaml, ports) {
    const text = await ports.files.readTextIfExists(path);
    if (text === undefined)
        throw new errors/* ReleaseError */.K2('INPUT_INVALID', `the \`waivers\` file does not exist: ${path}`, {
            hint: 'Correct the path, or leave `waivers` out.',
        });
    const parsed = parseWaivers(yamlOf(text, path, parseYaml), path);
    if (!parsed.ok)
        throw (0,errors/* releaseErrorOf */.N2)(parsed.problems);
    return parsed.waivers;
}
function yamlOf(text, path, parseYaml) {
    try {
        return parseYaml(text);
    }
    catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new errors/* ReleaseError */.K2('INPUT_INVALID', `the \`waivers\` file is no YAML: ${path}: ${why}`, { cause });
    }
}
/**
 * Decides on all images together, says it in the log, and writes the SARIF reports, whatever the verdict. The caller
 * turns a red verdict into `gateError`.
 */
async function runGate(policy, inspections, scanner, ports) {
    const now = ports.clock.now();
    const verdict = decide(policy, inspections, now);
    const reported = await Promise.all(inspections.map(async ({ image, platforms }) => ({
        image,
        platforms: await Promise.all(platforms.map((each) => writeSarif(each, image.planned.name, policy, scanner, now, ports))),
    })));
    say(policy, verdict, ports);
    return { verdict, inspections: reported };
}
async function writeSarif(inspection, image, policy, scanner, now, ports) {
    const scan = inspection.reports.find(({ kind }) => kind === 'scan');
    if (scan === undefined)
        return inspection;
    const path = `${scan.path.replace(/\.trivy\.json$/, '')}.sarif`;
    await ports.files.write(path, JSON.stringify(toSarif({ image, inspection, policy, scanner, now })));
    return { ...inspection, reports: [...inspection.reports, { kind: 'sarif', path }] };
}
function say(policy, verdict, { log }) {
    const { violations, waived, unfixed } = verdict;
    const severities = policy.severities.join(', ');
    if (verdict.passed)
        log.info(`The gate is open: no finding of ${severities} is refused.`);
    else {
        const are = violations.length === 1 ? 'is' : 'are';
        log.info(`The gate is closed: ${findings(violations)} of ${severities} ${are} refused.`);
        const printer = log.foreign();
        for (const line of violationTable(violations))
            printer.line(line);
        printer.end();
    }
    if (waived.length > 0)
        log.info(`Waivers lift ${findings(waived)}.`);
    if (unfixed.length > 0)
        log.info(`Without a fix yet, and so let through by ignore-unfixed: ${findings(unfixed)}.`);
    for (const waiver of verdict.expiredWaivers)
        log.warning(`A waiver expired on ${waiver.expiredAt ?? ''} and lifts nothing any more: ${named(waiver)}.`);
    for (const waiver of verdict.expiringWaivers)
        log.warning(`A waiver is good only until the end of ${waiver.expiredAt ?? ''} (UTC): ${named(waiver)}.`);
    for (const waiver of verdict.unusedWaivers)
        log.info(`A waiver lifts nothing in this release: ${named(waiver)}.`);
}
function findings(list) {
    return list.length === 1 ? '1 finding' : `${list.length} findings`;
}
function named({ id, owner }) {
    return owner === undefined ? id : `${id} (${owner})`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/model/concurrency.js
/**
 * Maps with at most `limit` running at once, results in order. The first failure stops new ones from starting and is
 * thrown after those that run have ended, so that nothing goes on behind the caller's back.
 */
async function mapLimit(items, limit, map) {
    const results = new Map();
    const queue = items.entries();
    let failure;
    const worker = async () => {
        for (const [index, item] of queue) {
            if (failure !== undefined)
                return;
            try {
                results.set(index, await map(item, index));
            }
            catch (error) {
                failure ??= { error };
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
    if (failure !== undefined)
        throw failure.error;
    return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/model/image.js

/** The path of a blob in the staging store. */
function blobPath(store, digest) {
    return `${store.root}/blobs/sha256/${(0,model_digest/* hexOf */.ZD)(digest)}`;
}
/** The OCI layout of one image; the prefix keeps an image that is named `blobs` apart. */
function layoutPath(store, name) {
    return `${store.root}/image-${name}`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/push/decide.js


/**
 * What every registry of the plan gets. A blob that several images share is sent once for each registry. Large blobs come
 * first, so that at the end no single one keeps all waiting.
 */
function planTransfers(contents) {
    const registries = new Map();
    for (const content of contents)
        for (const repository of content.planned.repositories) {
            const transfers = registries.get(repository.registry) ?? new Map();
            registries.set(repository.registry, transfers);
            const target = { image: content.planned.name, repository };
            for (const blob of content.blobs) {
                const known = transfers.get(blob.digest);
                transfers.set(blob.digest, known === undefined ? begin(blob, content, target) : add(known, target));
            }
        }
    return [...registries].map(([registry, transfers]) => ({
        registry,
        transfers: [...transfers.values()].sort((a, b) => b.blob.size - a.blob.size),
    }));
}
function begin(blob, { store }, first) {
    return { blob, path: blobPath(store, blob.digest), first, others: [] };
}
function add(transfer, target) {
    const known = [transfer.first, ...transfer.others].map(({ repository }) => (0,model_reference/* formatRepository */.Sh)(repository));
    if (known.includes((0,model_reference/* formatRepository */.Sh)(target.repository)))
        return transfer;
    return { ...transfer, others: [...transfer.others, target] };
}
/**
 * The blobs of a manifest that are to be pushed. Layers that may not be distributed stay where they are from.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers
 */
function blobsOf(manifest) {
    if (manifest.kind === 'index')
        return [];
    return [manifest.config, ...manifest.layers].filter(({ mediaType }) => !/nondistributable|\.foreign\./.test(mediaType));
}
/** Descriptors without those whose digest came before. */
function distinct(descriptors) {
    const seen = new Set();
    return descriptors.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/push/read.js




/** An index of indexes is what Docker saves; nothing goes deeper. */
const DEEPEST = 4;
/** Reads the manifests of an image from the staging store, each checked against its digest. */
async function readContent(image, files) {
    const read = async ({ digest, mediaType }) => {
        const bytes = await files.read(blobPath(image.store, digest));
        requireDigest(bytes, digest, `the staging store of ${image.planned.name}`);
        return describeBytes(bytes, mediaType);
    };
    const top = await read(image.top);
    const levels = [];
    const blobs = [];
    for (let level = [top]; level.length > 0;) {
        if (levels.length === DEEPEST)
            throw new errors/* ReleaseError */.K2('INTERNAL', `indexes are nested too deep in ${image.planned.name}`);
        levels.unshift(level);
        const decoded = level.map(({ bytes }) => decodeManifest(bytes));
        blobs.push(...decoded.flatMap(blobsOf));
        const members = decoded.flatMap((manifest) => (manifest.kind === 'index' ? manifest.manifests : []));
        level = await Promise.all(distinct(members).map(read));
    }
    return { planned: image.planned, store: image.store, top, levels, blobs: distinct(blobs) };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/push/tally.js
const EMPTY = { uploaded: 0, mounted: 0, existing: 0, bytes: 0 };
function count(tally, outcome, size) {
    const bytes = tally.bytes + (outcome === 'uploaded' ? size : 0);
    return { ...tally, [outcome]: tally[outcome] + 1, bytes };
}
/** `3 blobs uploaded (40.0 MB), 2 mounted, 5 already there`. */
function describe({ uploaded, mounted, existing, bytes }) {
    const parts = [
        ...(uploaded > 0
            ? [`${uploaded} ${uploaded === 1 ? 'blob' : 'blobs'} uploaded (${megabytes(bytes)})`]
            : []),
        ...(mounted > 0 ? [`${mounted} mounted`] : []),
        ...(existing > 0 ? [`${existing} already there`] : []),
    ];
    return parts.length > 0 ? parts.join(', ') : 'no blobs';
}
/** Decimal, as registries show sizes. */
function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(1)} MB`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/push/run.js






/** Measured: more at once gain nothing on one connection to one registry, and cost memory. */
const BLOBS_AT_ONCE = 3;
const IMAGES_AT_ONCE = 4;
/**
 * Brings every image to every registry of its plan, by digest: blobs, then manifests, what is pointed at before what
 * points. No tag is set. What is there already is left alone, so a run that was cut off is finished by the next one.
 */
async function pushImages(images, ports) {
    const contents = await mapLimit(images, IMAGES_AT_ONCE, ({ image }) => readContent(image, ports.files));
    const plans = planTransfers(contents);
    for (const plan of plans)
        ports.log.info(announcement(plan, contents.length));
    const tallies = new Map();
    await mapLimit(plans, plans.length, (plan) => pushToRegistry(plan, contents, tallies, ports));
    return images.map(({ image }) => {
        const { planned, top, platforms, size, origin } = image;
        const tally = tallies.get(planned.name) ?? EMPTY;
        const subjects = planned.repositories.map((repository) => ({ repository, digest: top.digest }));
        const where = subjects.map(model_reference/* formatReference */.FH).join(', ');
        ports.log.info(`The image ${planned.name} is at ${where}: ${describe(tally)}.`);
        const { uploaded, mounted, existing } = tally;
        const blobs = { uploaded, mounted, existing };
        return { planned, descriptor: top, platforms, size, origin, subjects, blobs };
    });
}
function announcement({ registry, transfers }, images) {
    const bytes = megabytes(transfers.reduce((sum, { blob }) => sum + blob.size, 0));
    const what = `${images} ${images === 1 ? 'image' : 'images'}`;
    return `Pushing ${what} to ${registry} by digest: ${transfers.length} distinct blobs, at most ${bytes}.`;
}
async function pushToRegistry({ registry, transfers }, contents, tallies, ports) {
    const send = async ({ blob, path }, target, from) => {
        const outcome = await ports.registry.pushBlob(target.repository, blob, path, from);
        tallies.set(target.image, count(tallies.get(target.image) ?? EMPTY, outcome, blob.size));
    };
    await mapLimit(transfers, BLOBS_AT_ONCE, async (transfer) => {
        await send(transfer, transfer.first, []);
        for (const other of transfer.others)
            await send(transfer, other, [transfer.first.repository]);
    });
    await mapLimit(contents, IMAGES_AT_ONCE, async (content) => {
        for (const repository of content.planned.repositories)
            if (repository.registry === registry)
                await pushManifests(content, repository, ports);
    });
}
async function pushManifests({ top, levels }, repository, ports) {
    for (const level of levels)
        await mapLimit(level, IMAGES_AT_ONCE, (manifest) => pushManifest(manifest, repository, ports));
    const ref = { repository, digest: top.descriptor.digest };
    const found = await ports.registry.resolve(ref);
    if (found?.digest === ref.digest)
        return;
    const shown = found === undefined ? 'nothing there' : found.digest;
    throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', `${(0,model_reference/* formatReference */.FH)(ref)} was pushed, and the registry shows ${shown}`);
}
async function pushManifest(manifest, repository, ports) {
    const ref = { repository, digest: manifest.descriptor.digest };
    if ((await ports.registry.resolve(ref)) !== undefined) {
        ports.log.debug(`${(0,model_reference/* formatRepository */.Sh)(repository)} has the manifest ${ref.digest} already.`);
        return;
    }
    await ports.registry.putManifest(ref, manifest);
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/version.js
var model_version = __webpack_require__(5286);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tag/decide.js




/** What happens to a tag, from what it points at now. */
function decideTag(wish, release, present) {
    if (present !== undefined && present.digest === wish.digest)
        return { do: 'unchanged' };
    switch (wish.planned.rule) {
        case 'required':
            return present === undefined ? { do: 'create' } : decideRequired(wish, release, present);
        case 'if-free':
            return present === undefined ? { do: 'create' } : keep(`it is held by ${present.digest}`, present);
        case 'forward':
            return decideForward(release, present);
        case 'always':
            return take(present);
    }
}
/** An immutable tag never changes. */
function decideRequired(wish, { revision }, present) {
    const { ref, digest, image } = wish;
    if ((0,model_plan/* yieldsToRelease */.P4)(image, revision, { ref, annotations: present.annotations }))
        return keep(`it is held by the release of the same commit, ${present.digest}`, present);
    const theirs = present.annotations[model_plan/* ANNOTATION */.YX.revision] ?? 'unknown';
    const message = `${(0,model_reference/* formatReference */.FH)(ref)} points at ${present.digest} (revision ${theirs}), ` +
        `and this release is ${digest} (revision ${revision})`;
    return { do: 'refuse', problem: (0,errors/* problem */.CC)('TAG_IMMUTABLE', message) };
}
/** A tag like `latest` never goes back. What carries no version cannot be ahead of us. */
function decideForward({ version }, present) {
    if (version === undefined)
        return keep('this run has no version', present);
    if ((0,model_version/* isPrerelease */.V1)(version))
        return keep('a prerelease never takes it', present);
    const text = present?.annotations[model_plan/* ANNOTATION */.YX.version];
    const theirs = text === undefined ? undefined : (0,model_version/* parseVersion */.ot)(text);
    if (theirs !== undefined && (0,model_version/* compareVersions */.Zy)(theirs, version) > 0)
        return keep(`it is at the higher version ${theirs.raw}`, present);
    return take(present);
}
function take(present) {
    return present === undefined ? { do: 'create' } : { do: 'move', previous: present.digest };
}
function keep(reason, present) {
    return { do: 'keep', reason, ...(present === undefined ? {} : { previous: present.digest }) };
}
/** Whether the decision needs the annotations of another target than ours. */
function needsAnnotations({ planned }) {
    return planned.rule === 'required' || planned.rule === 'forward';
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tag/run.js





/** Two requests for a tag, mostly waiting: as many as the client has connections. */
const TAGS_AT_ONCE = 8;
/**
 * Sets the tags of all images at all registries. All of them are read first, and one that is refused stops everything
 * before anything moved. Immutable tags come before moving ones: what `latest` leads to is named for good already.
 */
async function tagImages(images, plan, ports) {
    const decided = await decideAll(images.flatMap(wishesOf), plan, ports.registry);
    const manifests = new Map();
    const write = async ({ wish }) => {
        const image = images.find(({ planned }) => planned === wish.image);
        if (image === undefined)
            throw new errors/* ReleaseError */.K2('INTERNAL', `no pushed image is named ${wish.image.name}`);
        const manifest = manifests.get(image) ?? readManifest(image, ports.registry);
        manifests.set(image, manifest);
        await ports.registry.putManifest(wish.ref, await manifest);
    };
    const writes = decided.filter(({ decision }) => decision.do === 'create' || decision.do === 'move');
    for (const kind of ['immutable', 'moving'])
        await mapLimit(writes.filter(({ wish }) => wish.planned.kind === kind), TAGS_AT_ONCE, write);
    return images.map((image) => {
        const own = decided.filter(({ wish }) => wish.image === image.planned);
        for (const each of own)
            ports.log.info(run_sentence(each));
        return { ...image, tags: own.map(outcomeOf) };
    });
}
function wishesOf({ planned: image, descriptor, subjects }) {
    return image.tags.flatMap((planned) => subjects.map(({ repository }) => ({
        image,
        planned,
        ref: { repository, tag: planned.tag },
        digest: descriptor.digest,
    })));
}
async function decideAll(wishes, plan, registry) {
    const decisions = await mapLimit(wishes, TAGS_AT_ONCE, async (wish) => ({
        wish,
        decision: decideTag(wish, plan, await readPresent(wish, registry)),
    }));
    const problems = decisions.flatMap(({ decision }) => (decision.do === 'refuse' ? [decision.problem] : []));
    if (problems.length > 0)
        throw (0,errors/* releaseErrorOf */.N2)(problems);
    return decisions.flatMap(({ wish, decision }) => (decision.do === 'refuse' ? [] : [{ wish, decision }]));
}
async function readPresent(wish, registry) {
    const found = await registry.resolve(wish.ref);
    if (found === undefined)
        return undefined;
    const { digest } = found;
    if (digest === wish.digest || !needsAnnotations(wish))
        return { digest, annotations: {} };
    const manifest = await registry.getManifest({ repository: wish.ref.repository, digest });
    return { digest, annotations: manifest === undefined ? {} : annotationsOf(manifest) };
}
/** Whatever somebody else put under the tag: what cannot be read has no annotations. */
function annotationsOf({ bytes }) {
    try {
        return decodeManifest(bytes).annotations;
    }
    catch {
        return {};
    }
}
/** The very bytes that were pushed: a tag is set by writing them once more under its name. */
async function readManifest({ subjects }, registry) {
    const [subject] = subjects;
    const manifest = subject === undefined ? undefined : await registry.getManifest(subject);
    if (manifest !== undefined)
        return manifest;
    const name = subject === undefined ? 'an image without a registry' : (0,model_reference/* formatReference */.FH)(subject);
    throw new errors/* ReleaseError */.K2('REGISTRY_UNAVAILABLE', `what was pushed is no longer there: ${name}`);
}
function outcomeOf({ wish: { ref, planned }, decision }) {
    const base = { ref, kind: planned.kind };
    switch (decision.do) {
        case 'create':
            return { ...base, outcome: 'created' };
        case 'unchanged':
            return { ...base, outcome: 'unchanged' };
        case 'move':
            return { ...base, outcome: 'moved', previous: decision.previous };
        case 'keep': {
            const { reason, previous } = decision;
            return { ...base, outcome: 'kept', reason, ...(previous === undefined ? {} : { previous }) };
        }
    }
}
function run_sentence({ wish, decision }) {
    const tag = (0,model_reference/* formatReference */.FH)(wish.ref);
    switch (decision.do) {
        case 'create':
            return `The tag ${tag} was created.`;
        case 'unchanged':
            return `The tag ${tag} is unchanged.`;
        case 'move':
            return `The tag ${tag} was moved from ${decision.previous}.`;
        case 'keep':
            return `The tag ${tag} was left alone: ${decision.reason}.`;
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/args.js
/**
 * One pass over one platform: all findings of all severities and all packages; what counts is the gate's business. The
 * configuration of the image is searched for secrets too: a build argument ends up in its history.
 * https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
 */
function scanArgs(scan) {
    return [
        'image',
        `--input=${scan.view}`,
        '--format=json',
        `--output=${scan.output}`,
        '--list-all-pkgs',
        `--scanners=${scan.scanners.join(',')}`,
        ...(scan.scanners.includes('secret') ? ['--image-config-scanners=secret'] : []),
        `--cache-dir=${scan.cacheDir}`,
        '--skip-db-update',
        ...(scan.offline || scan.keepJavaDatabase ? ['--skip-java-db-update'] : []),
        ...(scan.offline ? ['--offline-scan'] : []),
        ...scan.javaRepositories.map((repository) => `--java-db-repository=${repository}`),
        ...scan.skipDirs.map((path) => `--skip-dirs=${csvField(path)}`),
        ...scan.skipFiles.map((path) => `--skip-files=${csvField(path)}`),
        `--timeout=${scan.timeoutSeconds}s`,
        ...QUIET,
    ];
}
/** The secrets of a folder of the checkout; nothing is kept, and no database is needed. */
function sourceArgs(folder, output, cacheDir, timeoutSeconds) {
    return [
        'fs',
        '--scanners=secret',
        '--format=json',
        `--output=${output}`,
        `--cache-dir=${cacheDir}`,
        '--cache-backend=memory',
        `--timeout=${timeoutSeconds}s`,
        '--offline-scan',
        ...QUIET,
        '--',
        folder,
    ];
}
const QUIET = ['--no-progress', '--skip-version-check', '--disable-telemetry'];
const TRIVY_FORMATS = { cyclonedx: 'cyclonedx', spdx: 'spdx-json' };
const SYFT_FORMATS = { cyclonedx: 'cyclonedx-json', spdx: 'spdx-json' };
/** An SBOM from the packages that a scan has found. https://trivy.dev/latest/docs/references/configuration/cli/trivy_convert/ */
function convertArgs(format, input, output) {
    return ['convert', `--format=${TRIVY_FORMATS[format]}`, `--output=${output}`, '--quiet', '--', input];
}
/** All SBOMs of a platform in one go. https://github.com/anchore/syft/wiki/Output-Formats */
function syftArgs(view, subject, outputs) {
    return [
        'scan',
        `oci-dir:${view}`,
        `--source-name=${subject.name}`,
        `--source-version=${subject.version}`,
        ...outputs.map(({ format, path }) => `--output=${SYFT_FORMATS[format]}=${path}`),
        '--quiet',
    ];
}
/** Trivy reads such lists as CSV. */
function csvField(text) {
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
/**
 * The repositories of the Java index that stand beside those of the vulnerability database, under the names that the
 * vendor gives both; a repository that is named otherwise tells nothing.
 */
function javaRepositories(databaseRepositories) {
    return databaseRepositories.flatMap((repository) => /\/trivy-db:2$/.test(repository) ? [repository.replace(/trivy-db:2$/, 'trivy-java-db:1')] : []);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/text.js
const text_LONGEST = 500;
/** Text from images and advisories, fit for one line of a log or a table: no control or invisible characters, bounded. */
function cleanText(text) {
    const line = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
    return line.length <= text_LONGEST ? line : `${line.slice(0, text_LONGEST)}…`;
}
/** The address when it is one of the web; undefined otherwise. */
function webAddress(text) {
    if (text === undefined || !URL.canParse(text))
        return undefined;
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/failure.js


/** `2026-11-21T14:54:19Z	FATAL	Fatal error	run error: …` */
const LINE = /^\S+\t(DEBUG|INFO|WARN|ERROR|FATAL)\t(.*)$/;
/** A line of Trivy that people should see, without its time; undefined for the others. */
function worthShowing(line) {
    const match = LINE.exec(line);
    if (match === null)
        return line.trim() === '' ? undefined : line;
    const [, level, text = ''] = match;
    return level === 'DEBUG' || level === 'INFO' ? undefined : `${level}: ${text.replaceAll('\t', ' ')}`;
}
/** The error of a scan that did not end well: whose fault it is, from what the scanner said last. `what` names the scan. */
function scanFailure(what, result, timeoutSeconds) {
    const said = lastWords(result.stderr) || `exit code ${result.exitCode}`;
    if (/context deadline exceeded/i.test(said))
        return new errors/* ReleaseError */.K2('SCAN_FAILED', `the scan ran out of time: ${what}: ${timeoutSeconds} s`, {
            hint: 'Raise `scan-timeout`, or leave large folders out with `skip-dirs`.',
        });
    if (/java ?db/i.test(said))
        return new errors/* ReleaseError */.K2('SCAN_DB_UNAVAILABLE', `the index of Java packages could not be had: ${what}: ${said}`, {
            hint: 'Re-run later; without a network give a `trivy-cache-dir` that holds java-db as well, or skip the JAR files.',
        });
    if (/\bDB error\b|vulnerability (?:DB|database)|--skip-db-update/i.test(said))
        return new errors/* ReleaseError */.K2('SCAN_DB_UNAVAILABLE', `the vulnerability database cannot be used: ${what}: ${said}`);
    if (/no space left on device/i.test(said))
        return new errors/* ReleaseError */.K2('DISK_LOW', `no space is left for the scan: ${what}: ${said}`);
    if (result.exitCode === 137)
        return new errors/* ReleaseError */.K2('SCAN_FAILED', `the scanner was killed: ${what}`, {
            hint: 'The runner has probably no memory left: scan on a larger one.',
        });
    return new errors/* ReleaseError */.K2('SCAN_FAILED', `the scan failed: ${what}: ${said}`);
}
/** What the tool said last before it ended: its last error, else its last line. */
function lastWords(stderr) {
    const lines = stderr.split('\n').filter((line) => line.trim() !== '');
    const errors = lines.flatMap((line) => {
        const [, level, text = ''] = LINE.exec(line) ?? [];
        return level === 'FATAL' || level === 'ERROR' ? [text.replace(/^Fatal error\t/, '')] : [];
    });
    return cleanText(errors.at(-1) ?? lines.at(-1) ?? '');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/names.js


/** `app-linux-amd64.trivy.json` in the reports folder. */
function scanReportPath(folder, image, platform) {
    return (0,external_node_path_.join)(folder, `${image}-${(0,model_descriptor/* platformSlug */.DN)(platform)}.trivy.json`);
}
const ENDINGS = { cyclonedx: 'cdx.json', spdx: 'spdx.json' };
/** `sbom-app-amd64.cdx.json`, `sbom-app-arm-v7.spdx.json`; other systems than Linux keep their name. */
function sbomPath(folder, image, platform, format) {
    const slug = (0,model_descriptor/* platformSlug */.DN)(platform).replace(/^linux-/, '');
    return (0,external_node_path_.join)(folder, `sbom-${image}-${slug}.${ENDINGS[format]}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/publish.js

/**
 * The report as it is kept: about `repository@digest`, and without what could hold a secret in clear, because a report is
 * uploaded also when the image is refused: the environment and history of the configuration, and the lines round a secret.
 */
function publishReport(parsed, subject) {
    const reference = (0,model_reference/* formatReference */.FH)(subject);
    const { Metadata, Results } = parsed;
    return {
        ...parsed,
        ArtifactName: reference,
        Metadata: {
            ...Metadata,
            RepoTags: [],
            RepoDigests: [reference],
            ImageConfig: publicConfig(Metadata?.ImageConfig),
        },
        ...(Results === undefined || Results === null
            ? {}
            : {
                Results: Results.map(({ Target, Secrets, ...rest }) => ({
                    ...rest,
                    Target: rename(Target, parsed.ArtifactName, reference),
                    ...(Secrets === undefined || Secrets === null ? {} : { Secrets: Secrets.map(withoutLines) }),
                })),
            }),
    };
}
/** What an SBOM is made from: the packages alone. Vulnerabilities are the news of one day, an SBOM is not. */
function packagesOnly(published) {
    const results = (published.Results ?? []).filter(({ Class }) => Class !== 'secret');
    return {
        ...published,
        Results: results.map(({ Vulnerabilities: _, Secrets: __, ...rest }) => rest),
    };
}
function publicConfig(config) {
    const { architecture, os, variant, created, rootfs } = config ?? {};
    const labels = config?.config?.Labels;
    return {
        architecture,
        os,
        variant,
        created,
        rootfs,
        ...(labels === undefined ? {} : { config: { Labels: labels } }),
    };
}
function withoutLines({ RuleID, Category, Severity, Title, StartLine, EndLine, Layer }) {
    return { RuleID, Category, Severity, Title, StartLine, EndLine, Layer: withoutCommand(Layer) };
}
function withoutCommand(layer) {
    if (typeof layer !== 'object' || layer === null)
        return undefined;
    const { CreatedBy: _, ...rest } = { CreatedBy: undefined, ...layer };
    return rest;
}
function rename(target, from, to) {
    return target === from || target.startsWith(`${from} (`) ? `${to}${target.slice(from.length)}` : target;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/sbom-head.js

/** https://cyclonedx.org/docs/1.6/json/ */
const cyclonedx = schemas/* object */.Ikc({
    bomFormat: schemas/* literal */.euz('CycloneDX'),
    specVersion: schemas/* string */.YjP().check(api/* _regex */.Fk(/^1\.\d+$/)),
    metadata: schemas/* object */.Ikc({ component: schemas/* object */.Ikc({ name: schemas/* string */.YjP().check(api/* _minLength */.m9(1)) }) }),
    components: schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* unknown */.L5J())),
});
/** https://spdx.github.io/spdx-spec/v2.3/ */
const spdx = schemas/* object */.Ikc({
    spdxVersion: schemas/* string */.YjP().check(api/* _regex */.Fk(/^SPDX-2\.\d+$/)),
    SPDXID: schemas/* literal */.euz('SPDXRef-DOCUMENT'),
    name: schemas/* string */.YjP().check(api/* _minLength */.m9(1)),
    packages: schemas/* array */.YOg(schemas/* unknown */.L5J()),
});
/** Throws a plain Error unless the text is a document of that format about something that has a name. */
function checkSbom(format, text) {
    const json = JSON.parse(text);
    const parsed = format === 'cyclonedx' ? cyclonedx.safeParse(json) : spdx.safeParse(json);
    if (parsed.success)
        return;
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not in its form'}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/documents.js









/** The SBOMs by `trivy convert` from the packages of the very report that the gate decides by. */
async function convertSboms(target, published, request, ports) {
    const outputs = outputsOf(target, request);
    if (outputs.length === 0)
        return [];
    const { subject, image, folder } = target;
    const input = (0,external_node_path_.join)(folder, `${image}-${(0,model_digest/* hexOf */.ZD)(subject.digest)}.json`);
    await ports.files.write(input, JSON.stringify(packagesOnly(published)));
    return Promise.all(outputs.map(async (output) => {
        const args = convertArgs(output.format, input, output.path);
        const { path } = request.trivy;
        const result = await ports.exec.run({ file: path, args, cwd: folder, environment: 'minimal' });
        return checked(output, target, result, ports);
    }));
}
/** The SBOMs by a pass of Syft. */
async function syftSboms(target, request, ports) {
    const outputs = outputsOf(target, request);
    if (outputs.length === 0)
        return [];
    if (request.syft === undefined)
        throw new errors/* ReleaseError */.K2('INTERNAL', 'Syft is to make the SBOM and was not acquired');
    const { repository, digest } = target.subject;
    const result = await ports.exec.run({
        file: request.syft.path,
        args: syftArgs(target.view, { name: (0,model_reference/* formatRepository */.Sh)(repository), version: digest }, outputs),
        cwd: target.folder,
        environment: 'minimal',
        env: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
    });
    return Promise.all(outputs.map((output) => checked(output, target, result, ports)));
}
function outputsOf({ image, platform }, { gate, reports }) {
    return gate.sbom.map((format) => ({ format, path: sbomPath(reports, image, platform, format) }));
}
/** A document that is not what it should be is not handed on. */
async function checked({ format, path }, { title }, result, ports) {
    const failed = (why, cause) => new errors/* ReleaseError */.K2('TOOL_FAILED', `the SBOM (${format}) could not be made: ${title}: ${why}`, { cause });
    if (result.exitCode !== 0)
        throw failed(lastWords(result.stderr) || `exit code ${result.exitCode}`);
    try {
        checkSbom(format, await ports.files.readText(path));
    }
    catch (cause) {
        throw failed(cause instanceof Error ? cause.message : String(cause), cause);
    }
    return { kind: format, path };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/lane.js
function createLane() {
    let last = Promise.resolve();
    return (work) => {
        const next = last.then(work);
        last = next;
        // Whoever called handles it; here it must not count as unhandled.
        next.catch(() => undefined);
        return next;
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/report.js



/** Where a secret stands that is in no file: the environment, labels and history of the image. */
const IMAGE_CONFIG = 'image configuration';
const report_name = schemas/* string */.YjP().check(api/* _minLength */.m9(1));
const vulnerability = schemas/* looseObject */._H3({
    VulnerabilityID: report_name,
    PkgName: report_name,
    PkgPath: schemas/* optional */.lqM(schemas/* string */.YjP()),
    InstalledVersion: schemas/* optional */.lqM(schemas/* string */.YjP()),
    FixedVersion: schemas/* optional */.lqM(schemas/* string */.YjP()),
    Severity: schemas/* enum */.k5n(scan/* SEVERITIES */.oC),
    Title: schemas/* optional */.lqM(schemas/* string */.YjP()),
    PrimaryURL: schemas/* optional */.lqM(schemas/* string */.YjP()),
});
const secret = schemas/* looseObject */._H3({
    RuleID: report_name,
    Category: schemas/* string */.YjP(),
    Severity: schemas/* enum */.k5n(scan/* SEVERITIES */.oC),
    Title: schemas/* string */.YjP(),
    StartLine: schemas/* number */.aig(),
});
const result = schemas/* looseObject */._H3({
    Target: schemas/* string */.YjP(),
    Class: schemas/* optional */.lqM(schemas/* string */.YjP()),
    Packages: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(schemas/* unknown */.L5J()))),
    Vulnerabilities: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(vulnerability))),
    Secrets: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(secret))),
});
/**
 * Trivy's JSON, version 2: strict in all that the gate decides by, so that nothing that is not understood passes for
 * "no finding"; the rest is kept as it is. https://trivy.dev/latest/docs/configuration/reporting/#json
 */
const report = schemas/* looseObject */._H3({
    SchemaVersion: schemas/* literal */.euz(2),
    ArtifactName: report_name,
    ArtifactType: schemas/* enum */.k5n(['container_image', 'filesystem']),
    Metadata: schemas/* optional */.lqM(schemas/* looseObject */._H3({
        ImageID: schemas/* optional */.lqM(schemas/* string */.YjP()),
        OS: schemas/* optional */.lqM(schemas/* looseObject */._H3({ Family: schemas/* string */.YjP(), Name: schemas/* optional */.lqM(schemas/* string */.YjP()) })),
        ImageConfig: schemas/* optional */.lqM(schemas/* looseObject */._H3({ config: schemas/* optional */.lqM(schemas/* looseObject */._H3({})) })),
    })),
    Results: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(result))),
});
/** Throws a plain Error that says what is wrong with the text. */
function parseReport(text) {
    const parsed = report.safeParse(JSON.parse(text));
    if (parsed.success)
        return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not in its form'}`);
}
/** All findings, of every severity. Hostile text is made harmless here, once. */
function findingsOf(parsed) {
    return (parsed.Results ?? []).flatMap((each) => [
        ...(each.Vulnerabilities ?? []).map((raw) => fromVulnerability(raw, each, parsed)),
        ...(each.Secrets ?? []).map((raw) => fromSecret(raw, each, parsed)),
    ]);
}
function countPackages(parsed) {
    return (parsed.Results ?? []).reduce((sum, each) => sum + (each.Packages?.length ?? 0), 0);
}
function fromVulnerability(raw, from, parsed) {
    const url = webAddress(raw.PrimaryURL);
    return {
        kind: 'vulnerability',
        id: cleanText(raw.VulnerabilityID),
        severity: raw.Severity,
        title: cleanText(raw.Title ?? ''),
        package: cleanText(raw.PkgName),
        installed: cleanText(raw.InstalledVersion ?? ''),
        ...(raw.FixedVersion === undefined || raw.FixedVersion === ''
            ? {}
            : { fixed: cleanText(raw.FixedVersion) }),
        location: cleanText(raw.PkgPath ?? report_placeOf(from, parsed)),
        ...(url === undefined ? {} : { url }),
    };
}
/** Packages of the distribution stand in no single file. */
function report_placeOf(from, parsed) {
    const { OS } = parsed.Metadata ?? {};
    if (from.Class !== 'os-pkgs' || OS === undefined)
        return from.Target;
    return OS.Name === undefined ? OS.Family : `${OS.Family} ${OS.Name}`;
}
function fromSecret(raw, from, parsed) {
    // Of what is in no file, Trivy's target is the artifact itself, and the line is one of a text that nobody has.
    const inFile = from.Target !== parsed.ArtifactName;
    return {
        kind: 'secret',
        id: cleanText(raw.RuleID),
        severity: raw.Severity,
        title: cleanText(raw.Title),
        package: cleanText(raw.Category),
        installed: '',
        location: inFile ? cleanText(from.Target.replace(/^\/+/, '')) : IMAGE_CONFIG,
        ...(inFile ? { line: raw.StartLine } : {}),
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/scan.js





/** One pass of Trivy over one platform; `folder` is empty but for what scans leave there. */
async function scanView(target, folder, request, ports) {
    const output = (0,external_node_path_.join)(folder, 'report.json');
    const { gate, cache, offline } = request;
    await ports.files.remove(output);
    const args = scanArgs({
        view: target.path,
        output,
        cacheDir: cache.folder,
        scanners: gate.scanners,
        skipDirs: gate.skipDirs,
        skipFiles: gate.skipFiles,
        timeoutSeconds: gate.timeoutSeconds,
        offline,
        javaRepositories: cache.javaRepositories,
        keepJavaDatabase: cache.keepJavaDatabase,
    });
    const report = await runTrivy({ tool: request.trivy, args, folder, output, title: target.title }, gate, ports);
    const scanned = report.Metadata?.ImageID;
    if (report.ArtifactType !== 'container_image' || scanned !== target.id)
        throw new errors/* ReleaseError */.K2('SCAN_FAILED', `the scanner looked at another image: ${target.title}: ${scanned ?? 'none'}, expected ${target.id ?? 'none'}`);
    return report;
}
/** Runs Trivy with nothing of the runner's secrets in its environment and reads its report. */
async function runTrivy({ tool, args, folder, output, title }, { timeoutSeconds }, ports) {
    const result = await ports.exec.run({ file: tool.path, args, cwd: folder, environment: 'minimal' });
    const shown = result.stderr.split('\n').flatMap((line) => worthShowing(line) ?? []);
    const printer = ports.log.foreign(`${title}: `);
    for (const line of shown)
        printer.line(line);
    printer.end();
    if (result.exitCode !== 0)
        throw scanFailure(title, result, timeoutSeconds);
    const text = await ports.files.readTextIfExists(output);
    if (text === undefined)
        throw new errors/* ReleaseError */.K2('SCAN_FAILED', `the scanner wrote no report: ${title}`);
    try {
        return parseReport(text);
    }
    catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new errors/* ReleaseError */.K2('SCAN_FAILED', `the scanner's report cannot be read: ${title}: ${why}`, {
            cause,
            hint: `Trivy ${tool.version} may be too new for this version of module-release: set \`trivy-version\`.`,
        });
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/view.js




/**
 * One platform as an OCI layout of its own: scanners read no nested index. Only links, no copy of a blob. The folder's
 * name begins with a dot, so that it is no image's. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
async function makeView(store, { descriptor }, { files }) {
    const path = (0,external_node_path_.join)(store.root, '.views', (0,model_digest/* hexOf */.ZD)(descriptor.digest));
    const { mediaType, digest, size } = descriptor;
    await files.remove(path);
    await files.write((0,external_node_path_.join)(path, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await files.write((0,external_node_path_.join)(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size }] }));
    await files.link('../../blobs', (0,external_node_path_.join)(path, 'blobs'));
    const blob = blobPath(store, digest);
    const bytes = await files.read(blob);
    requireDigest(bytes, digest, blob);
    const manifest = decodeManifest(bytes);
    return { path, id: manifest.kind === 'manifest' ? manifest.config.digest : undefined };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/database.js


/** https://trivy.dev/latest/docs/advanced/self-hosting/ */
const LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const HOUR_MS = 60 * 60 * 1000;
const database_DAY_MS = 24 * HOUR_MS;
/** A new database comes every six hours; two days after it was due, something is wrong with its source. */
const LATE_MS = 48 * HOUR_MS;
const OLD_MS = 7 * database_DAY_MS;
/** What was fetched is not used when it is older: a verdict by it would say little of today. */
const TOO_OLD_MS = 14 * database_DAY_MS;
const date = schemas/* string */.YjP().check(schemas/* refine */.YPB((text) => !Number.isNaN(Date.parse(text))));
const metadata = schemas/* object */.Ikc({ Version: schemas/* literal */.euz(2), NextUpdate: date, UpdatedAt: date });
/** metadata.json beside trivy.db; throws a plain Error when it is of another schema. */
function parseMetadata(text) {
    const parsed = metadata.safeParse(JSON.parse(text));
    if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new Error(`metadata.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not in its form'}`);
    }
    return { updatedAt: new Date(parsed.data.UpdatedAt), nextUpdate: new Date(parsed.data.NextUpdate) };
}
function ageOf({ updatedAt, nextUpdate }, now) {
    const age = now.getTime() - updatedAt.getTime();
    const days = Math.floor(age / database_DAY_MS);
    if (age > TOO_OLD_MS)
        return { state: 'too-old', days };
    if (age > OLD_MS)
        return { state: 'old', days };
    return { state: now.getTime() - nextUpdate.getTime() > LATE_MS ? 'late' : 'fresh', days };
}
/** The layer that holds the database; throws a plain Error when the manifest is of something else. */
function databaseLayer(manifest) {
    const decoded = decodeManifest(manifest);
    const layers = decoded.kind === 'manifest' ? decoded.layers : [];
    const layer = layers.find(({ mediaType }) => mediaType === LAYER);
    if (layer === undefined)
        throw new Error('the manifest holds no vulnerability database');
    return layer;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/fetch-database.js





/**
 * The database from the first repository that has a usable one; each was already retried by the registry client. What was
 * fetched is known by the digest of its layer: kept on this machine and in the runner's cache under it.
 */
async function fetchDatabase(repositories, keep, ports) {
    const failures = [];
    for (const repository of repositories) {
        try {
            return await fetchFrom(repository, keep, ports);
        }
        catch (error) {
            const { code, message } = (0,errors/* toReleaseError */.Tp)(error);
            if (code === 'CANCELLED')
                throw error;
            failures.push(`${repository}: ${message}`);
            ports.log.info(`The vulnerability database could not be had from ${repository}: ${message}.`);
        }
    }
    throw new errors/* ReleaseError */.K2('SCAN_DB_UNAVAILABLE', `the vulnerability database could not be had from any repository: ${failures.join('; ')}`);
}
async function fetchFrom(repository, keep, ports) {
    const reference = (0,model_reference/* parseReference */.F2)(repository);
    if (reference === undefined)
        throw new Error('not an OCI repository with a tag');
    const manifest = await ports.registry.getManifest(reference);
    if (manifest === undefined)
        throw new Error('there is no such tag');
    const layer = databaseLayer(manifest.bytes);
    const folder = (0,external_node_path_.join)(keep, `trivy-db-${(0,model_digest/* hexOf */.ZD)(layer.digest)}`);
    const known = await usable(folder, ports);
    const metadata = known ?? (await unpack(reference, layer, folder, ports));
    const age = ageOf(metadata, ports.clock.now());
    if (age.state === 'too-old')
        throw new Error(`its database is ${age.days} days old`);
    const updatedAt = metadata.updatedAt.toISOString();
    return { folder, metadata, database: { updatedAt, digest: layer.digest, source: repository } };
}
/** What an earlier run on this machine has left, complete: it was moved to this place as a whole. */
async function usable(folder, { files }) {
    const text = await files.readTextIfExists((0,external_node_path_.join)(folder, 'db', 'metadata.json'));
    if (text === undefined || !(await files.exists((0,external_node_path_.join)(folder, 'db', 'trivy.db'))))
        return undefined;
    return parseMetadata(text);
}
async function unpack(reference, layer, folder, ports) {
    const { files, exec } = ports;
    const archive = `${folder}.tar.gz`;
    const part = `${folder}.part`;
    await files.remove(part);
    await files.makeFolder((0,external_node_path_.join)(part, 'db'));
    await getLayer(reference, layer, archive, ports);
    const result = await exec.run({
        file: 'tar',
        args: ['-xzf', archive, '-C', (0,external_node_path_.join)(part, 'db'), '-o', 'trivy.db', 'metadata.json'],
        environment: 'minimal',
    });
    await files.remove(archive);
    if (result.exitCode !== 0)
        throw new Error(`its archive cannot be unpacked: ${result.stderr.trim()}`);
    const metadata = parseMetadata(await files.readText((0,external_node_path_.join)(part, 'db', 'metadata.json')));
    await files.remove(folder);
    await files.move(part, folder);
    return metadata;
}
/** From the runner's cache when its bytes have the digest, else from the registry. */
async function getLayer({ repository }, layer, archive, { cache, files, log, registry }) {
    const key = `trivy-db-${(0,model_digest/* hexOf */.ZD)(layer.digest)}`;
    if (await cache.restore([archive], key)) {
        const intact = (await files.exists(archive)) && (await files.hash(archive)) === layer.digest;
        if (intact)
            return;
        log.warning(`The runner's cache holds other bytes under ${key} than its name says; they are not used.`);
        await files.remove(archive);
    }
    await registry.pullBlob(repository, layer, archive);
    await cache.save([archive], key);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/prepare-database.js





/**
 * The vulnerability database for all scans of a run: the user's `trivy-cache-dir` when it holds one, else fetched from
 * the first repository that answers. Throws SCAN_DB_UNAVAILABLE, which says nothing about the images.
 */
async function prepareDatabase(request, ports) {
    const { trivyCacheDir, databaseRepositories, offline, keep } = request;
    const java = { javaRepositories: javaRepositories(databaseRepositories), keepJavaDatabase: false };
    if (!request.scanners.includes('vuln'))
        return { folder: await ports.files.makeTempFolder('trivy'), ...java };
    if (trivyCacheDir !== undefined && (await holdsDatabase(trivyCacheDir, ports)))
        return { ...java, ...(await copyGiven(trivyCacheDir, ports)) };
    if (offline)
        throw new errors/* ReleaseError */.K2('SCAN_DB_UNAVAILABLE', `\`offline\` forbids to fetch the vulnerability database, and no \`trivy-cache-dir\` holds one: ${trivyCacheDir ?? 'not set'}`, { hint: 'Give a `trivy-cache-dir` with db/trivy.db and db/metadata.json, or leave `offline` out.' });
    const fetched = await fetchDatabase(databaseRepositories, keep, ports);
    warnOfAge(fetched.metadata, fetched.database.source, ports);
    ports.log.info(`The vulnerability database of ${fetched.database.updatedAt} comes from ${fetched.database.source}.`);
    return { folder: fetched.folder, database: fetched.database, ...java };
}
async function holdsDatabase(folder, { files }) {
    const found = await Promise.all(['trivy.db', 'metadata.json'].map((name) => files.exists((0,external_node_path_.join)(folder, 'db', name))));
    return found.every(Boolean);
}
/**
 * Copied, because Trivy locks the database and writes beside it: the user's folder may be read-only, or serve several jobs
 * at once. The index of Java packages is far larger and only read: a link serves.
 */
async function copyGiven(given, ports) {
    const { files, exec, log } = ports;
    const folder = await files.makeTempFolder('trivy');
    const metadata = await readMetadata(given, ports);
    for (const name of ['trivy.db', 'metadata.json']) {
        const copy = (0,external_node_path_.join)(folder, 'db', name);
        await files.copy((0,external_node_path_.join)(given, 'db', name), copy);
        // A copy has the mode of what it was made from, and Trivy opens its database for writing.
        await exec.run({ file: 'chmod', args: ['u+rw', copy], environment: 'minimal' });
    }
    const keepJavaDatabase = await files.isFolder((0,external_node_path_.join)(given, 'java-db'));
    if (keepJavaDatabase)
        await files.link((0,external_node_path_.join)(given, 'java-db'), (0,external_node_path_.join)(folder, 'java-db'));
    warnOfAge(metadata, '`trivy-cache-dir`', ports);
    log.info(`The vulnerability database of ${metadata.updatedAt.toISOString()} comes from trivy-cache-dir.`);
    const database = { updatedAt: metadata.updatedAt.toISOString(), source: 'trivy-cache-dir' };
    return { folder, database, keepJavaDatabase };
}
async function readMetadata(folder, { files }) {
    try {
        return parseMetadata(await files.readText((0,external_node_path_.join)(folder, 'db', 'metadata.json')));
    }
    catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new errors/* ReleaseError */.K2('SCAN_DB_UNAVAILABLE', `the database of trivy-cache-dir cannot be used: ${folder}: ${why}`, {
            cause,
            hint: 'Put a database of schema 2 there, as Trivy downloads it.',
        });
    }
}
/** Says aloud what a verdict by this database is worth. */
function warnOfAge(metadata, source, { clock, log }) {
    const { state, days } = ageOf(metadata, clock.now());
    if (state === 'late')
        log.warning(`The vulnerability database of ${source} should have been renewed more than two days ago.`);
    if (state === 'old' || state === 'too-old')
        log.warning(`The vulnerability database of ${source} is ${days} days old: vulnerabilities that became known since are NOT found.`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/sources.js




/** The secrets in folders (absolute) of the checkout, before anything is built from them. */
async function scanSources(folders, request, ports) {
    const work = await ports.files.makeTempFolder('source-scan');
    const found = [];
    for (const folder of folders) {
        const output = (0,external_node_path_.join)(work, 'report.json');
        await ports.files.remove(output);
        const args = sourceArgs(folder, output, (0,external_node_path_.join)(work, 'cache'), request.timeoutSeconds);
        const report = await runTrivy({ tool: request.trivy, args, folder: work, output, title: folder }, request, ports);
        found.push({ folder, findings: findingsOf(report) });
    }
    return found;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/inspect/run.js












/** One platform is scanned while the documents of the two before it are made. */
const IN_FLIGHT = 3;
/**
 * Scans every platform of every image in the staging store and writes its reports. Scans run one after another on one
 * cache: Trivy locks its files, uses all cores by itself, and so analyses a layer that several images share only once
 * (measured: half the CPU time of scans side by side, and never slower). A manifest that several images share is scanned
 * once. Throws SCAN_FAILED, SCAN_DB_UNAVAILABLE, DISK_LOW or TOOL_FAILED.
 */
async function inspectImages(images, request, ports) {
    const folder = await ports.files.makeTempFolder('scan');
    const jobs = images.flatMap((image) => image.platforms.map((platform) => ({ image, platform })));
    const views = await makeViews(jobs, ports);
    const scan = scanOnce((view, title) => scanView({ ...view, title }, folder, request, ports));
    const done = await mapLimit(jobs, IN_FLIGHT, ({ image, platform }) => {
        const { digest } = platform.descriptor;
        const view = views.get(digest);
        const [repository] = image.planned.repositories;
        if (view === undefined || repository === undefined)
            throw new errors/* ReleaseError */.K2('INTERNAL', `an image without a view or a repository: ${image.planned.name}`);
        const title = `${image.planned.name} (${(0,model_descriptor/* formatPlatform */.Bq)(platform.platform)})`;
        const subject = { repository, digest };
        const target = {
            image: image.planned.name,
            platform: platform.platform,
            subject,
            view: view.path,
            title,
            folder,
        };
        return run_report(scan(digest, view, title), platform, target, request, ports);
    });
    const inspections = images.map((image) => ({
        image,
        platforms: done.filter((_, i) => jobs[i]?.image === image),
    }));
    sayWhatIsMissing(request, ports);
    return { inspections, scanner: scannerOf(request) };
}
/** One for each manifest, however many images have it. */
async function makeViews(jobs, ports) {
    const distinct = [...new Map(jobs.map((job) => [job.platform.descriptor.digest, job])).values()];
    const views = await mapLimit(distinct, 8, async ({ image, platform }) => [platform.descriptor.digest, await makeView(image.store, platform, ports)]);
    return new Map(views);
}
/** One scan after another, and one for each manifest. */
function scanOnce(scan) {
    const lane = createLane();
    const scans = new Map();
    return (digest, ...how) => {
        const known = scans.get(digest) ?? lane(() => scan(...how));
        scans.set(digest, known);
        return known;
    };
}
function scannerOf({ trivy, cache }) {
    const database = cache.database === undefined ? {} : { database: cache.database };
    return { name: 'trivy', version: trivy.version, ...database };
}
function sayWhatIsMissing({ gate }, { log }) {
    if (gate.sbomGenerator === 'syft' || gate.sbom.length === 0 || gate.scanners.includes('vuln'))
        return;
    log.info('Without the scanner `vuln` Trivy lists no JAR files in an SBOM; `sbom-generator: syft` does.');
}
/** Everything that is derived from one scan; Syft, which needs none of it, works meanwhile. */
async function run_report(scan, platform, target, request, ports) {
    const bySyft = request.gate.sbomGenerator === 'syft' ? syftSboms(target, request, ports) : undefined;
    const [first] = await Promise.allSettled([scan, bySyft]);
    if (first.status === 'rejected')
        throw first.reason;
    const scanned = first.value;
    const published = publishReport(scanned, target.subject);
    const path = scanReportPath(request.reports, target.image, platform.platform);
    await ports.files.write(path, JSON.stringify(published, null, 2));
    const sboms = await (bySyft ?? convertSboms(target, published, request, ports));
    const findings = findingsOf(scanned);
    const packages = countPackages(scanned);
    ports.log.info(`${target.title}: ${packages} packages, ${findings.length} findings of any severity.`);
    const reports = [{ kind: 'scan', path }, ...sboms];
    return { ...platform, findings, packages, reports };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/inspect.js


/** Begins to fetch the vulnerability database; undefined when nothing will be inspected. */
function startDatabase({ inputs, databases }, plan, ports) {
    if ((0,model_plan/* stepDecision */.R_)(plan, 'build').do !== 'run')
        return undefined;
    const { scanners } = inputs.gate;
    const database = prepareDatabase({ ...inputs.tools, scanners, keep: databases }, ports);
    // Who awaits it sees its error; a build that fails first must not turn it into an unhandled one.
    database.catch(() => undefined);
    return database;
}
async function inspect({ inputs, reports }, { trivy, syft }, images, database, ports) {
    const cache = await database;
    if (cache === undefined)
        throw new TypeError('images to inspect and no scan cache');
    return inspectImages(images, {
        gate: inputs.gate,
        offline: inputs.tools.offline,
        trivy,
        cache,
        reports,
        ...(syft === undefined ? {} : { syft }),
    }, ports);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/args.js
function bakeArgs(call) {
    const { allow } = call;
    return [
        'buildx',
        'bake',
        '--builder',
        call.builder,
        '--file',
        call.file,
        '--metadata-file',
        call.metadataFile,
        '--progress',
        'rawjson',
        ...allow.read.flatMap((path) => ['--allow', `fs.read=${path}`]),
        ...allow.write.flatMap((path) => ['--allow', `fs.write=${path}`]),
        ...(allow.ssh ? ['--allow', 'ssh'] : []),
        ...(allow.hostNetwork ? ['--allow', 'network.host'] : []),
        '--',
        ...call.targets,
    ];
}
/** The environment of bake. `type=gha` caches find their service in ACTIONS_*, which the runner gives to actions alone. */
function bakeEnv(sourceDateEpoch, secretEnv) {
    return {
        ...secretEnv,
        SOURCE_DATE_EPOCH: String(sourceDateEpoch),
        // Provenance in the metadata file is of no use here, holds build arguments, and takes time.
        BUILDX_METADATA_PROVENANCE: 'disabled',
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/cache-entries.js
/**
 * The caches of one target. Inputs replace what a bake file says. Releases of tags import nothing unless the input
 * `cache-from` says so: a cache that an earlier, less trusted run could write must not end up in a release. An export
 * that fails never fails the build. https://docs.docker.com/build/cache/backends/
 */
function cachesOf(printed, inputs, options) {
    const own = options.tagRelease ? [] : (printed['cache-from'] ?? []);
    const from = inputs.cacheFrom.length > 0 ? inputs.cacheFrom.map((text) => withScope(text, options.scope)) : own;
    const to = inputs.cacheTo.length > 0
        ? inputs.cacheTo.map((text) => withScope(text, options.scope))
        : (printed['cache-to'] ?? []);
    return { from, to: to.map(ignoringErrors) };
}
/** Images that share one `type=gha` scope would overwrite each other's cache. */
function withScope(text, scope) {
    const entry = text.includes('=') ? text : `type=registry,ref=${text}`;
    const shared = /(?:^|,)type=gha(?:,|$)/.test(entry) && !/(?:^|,)scope=/.test(entry);
    return shared && scope !== undefined ? `${entry},scope=${scope}` : entry;
}
function ignoringErrors(entry) {
    if (typeof entry === 'string') {
        if (/(?:^|,)type=inline(?:,|$)/.test(entry))
            return entry;
        const full = entry.includes('=') ? entry : `type=registry,ref=${entry}`;
        return `${full.replace(/,ignore-error=[^,]*/, '')},ignore-error=true`;
    }
    if (typeof entry !== 'object' || entry === null || ('type' in entry && entry.type === 'inline'))
        return entry;
    return { ...entry, 'ignore-error': 'true' };
}
/** Folders on this machine that `type=local` caches are read from or written to. */
function localCacheFolders(entries, attribute) {
    return entries.flatMap((entry) => {
        if (typeof entry === 'string') {
            if (!/(?:^|,)type=local(?:,|$)/.test(entry))
                return [];
            const value = new RegExp(`(?:^|,)${attribute}=([^,]+)`).exec(entry)?.[1];
            return value === undefined ? [] : [value];
        }
        if (typeof entry !== 'object' || entry === null)
            return [];
        const attributes = new Map(Object.entries(entry));
        const value = attributes.get(attribute);
        return attributes.get('type') === 'local' && typeof value === 'string' ? [value] : [];
    });
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/model/build.js
/**
 * A literal for a JSON bake file. HCL reads every JSON string there, keys too, as a template: a build argument
 * `${…}` would be evaluated. https://github.com/hashicorp/hcl/blob/main/json/spec.md#strings
 */
function bakeText(text) {
    return text.replace(/[$%]+\{/g, (start) => start.replace(/[$%]/g, (sign) => `\${"${sign}"}`));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/annotations.js

/** Set by every release itself, whatever a bake file says: a re-run knows its own images by them. */
const annotations_OURS = new Set([model_plan/* ANNOTATION */.YX.revision, model_plan/* ANNOTATION */.YX.planHash]);
/**
 * The annotations of one target in bake's form, `level:key=value`. The hash goes on the top manifest alone: on the index
 * where there is one. A one-platform export has no index and refuses annotations for it.
 * https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
 */
function annotations_annotationsOf(planned, fromFile, isIndex) {
    const hash = planned.planHash === undefined ? {} : { [model_plan/* ANNOTATION */.YX.planHash]: planned.planHash };
    const file = fromFile.flatMap((text) => {
        const annotation = parse(text);
        const levels = isIndex
            ? annotation.levels
            : annotation.levels.filter((level) => !level.startsWith('index'));
        if (levels.length === 0 || annotations_OURS.has(annotation.key))
            return [];
        return [{ ...annotation, levels }];
    });
    const ours = [
        ...(isIndex ? entries('index', { ...planned.annotations.index, ...hash }) : []),
        ...entries('manifest', { ...planned.annotations.manifest, ...(isIndex ? {} : hash) }),
    ].filter(({ levels, key }) => !file.some((other) => other.key === key && other.levels.some((level) => levels.includes(level))));
    return [...ours, ...file].map(({ levels, key, value }) => `${levels.join(',')}:${key}=${value}`);
}
function entries(level, values) {
    return Object.entries(values).map(([key, value]) => ({ levels: [level], key, value }));
}
/** Without a level an annotation is the manifest's. `index[linux/amd64]` is a level, too. */
const annotations_LEVELS = /^((?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?(?:,(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?)*):/;
function parse(text) {
    const match = annotations_LEVELS.exec(text);
    const body = match === null ? text : text.slice(match[0].length);
    const at = body.indexOf('=');
    return {
        levels: match?.[1]?.split(',') ?? ['manifest'],
        key: at < 0 ? body : body.slice(0, at),
        value: at < 0 ? '' : body.slice(at + 1),
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/secrets.js
/**
 * The secrets of a target: those of the bake file, and those of the inputs that it does not name itself. Values travel in
 * the environment, under names that say nothing (`MODULE_RELEASE_SECRET_n`, in the order of the input).
 */
function secretsOf(printed, inputs) {
    const named = new Set(printed.map(idOf));
    const given = [
        ...Object.keys(inputs.secrets).map((id, i) => ({ type: 'env', id, env: `MODULE_RELEASE_SECRET_${i}` })),
        ...Object.entries(inputs.secretFiles).map(([id, src]) => ({ type: 'file', id, src })),
    ];
    return [...printed, ...given.filter(({ id }) => !named.has(id))];
}
function idOf(entry) {
    if (typeof entry === 'string')
        return /(?:^|,)id=([^,]*)/.exec(entry)?.[1];
    if (typeof entry !== 'object' || entry === null || !('id' in entry))
        return undefined;
    return typeof entry.id === 'string' ? entry.id : undefined;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/document.js








const TARGET = 'target:';
const contextsSchema = schemas/* optional */.lqM(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* nullable */.mee(schemas/* string */.YjP())));
const listSchema = schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* unknown */.L5J()));
const textsSchema = schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* string */.YjP()));
/**
 * The one bake file of the build: everything as bake resolved it for the plan, plus what the release decides: where the
 * bytes go, labels, annotations, platforms, attestations, caches. No value of a secret is in it.
 * https://docs.docker.com/build/bake/reference/
 */
function bakeDocument(options) {
    const { printed } = options.build;
    if (printed === undefined)
        throw new errors/* ReleaseError */.K2('INTERNAL', 'a build without what bake printed');
    const target = Object.fromEntries(Object.entries(printed.target).map(([name, definition]) => [name, targetOf(name, definition, options)]));
    return { target: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* unknown */.L5J())).parse(document_literal(target)) };
}
function targetOf(name, printed, options) {
    const planned = options.images.get(name);
    const shared = { ...without(printed, DECIDED), ...common(printed, options) };
    if (planned === undefined)
        return { ...shared, ...parentOnly(name, options) };
    const attests = options.build.targets[name]?.attests ?? false;
    const platforms = planned.platforms.map(model_descriptor/* formatPlatform */.Bq);
    const caches = cachesOf(lists(printed), options.inputs, {
        tagRelease: options.tagRelease,
        ...(options.images.size > 1 ? { scope: name } : {}),
    });
    const annotations = textsSchema.parse(printed.annotations) ?? [];
    return {
        ...shared,
        ...(platforms.length === 0 ? {} : { platforms }),
        labels: planned.labels,
        annotations: annotations_annotationsOf(planned, annotations, platforms.length > 1 || attests),
        ...(attests ? { attest: printed.attest } : NO_ATTESTATION),
        ...(caches.from.length === 0 ? {} : { 'cache-from': caches.from }),
        ...(caches.to.length === 0 ? {} : { 'cache-to': caches.to }),
        output: [outputOf(layoutPath(options.store, planned.name))],
    };
}
/** What the release decides for itself. */
const DECIDED = ['output', 'tags', 'attest', 'annotations', 'cache-from', 'cache-to'];
const NO_ATTESTATION = { attest: ['type=provenance,disabled=true'] };
/**
 * A layout folder; no time in a layer is after SOURCE_DATE_EPOCH, so that equal files make equal layers.
 * https://docs.docker.com/build/exporters/oci-docker/
 */
function outputOf(folder) {
    return `type=oci,tar=false,rewrite-timestamp=true,${csv(`dest=${folder}`)}`;
}
function csv(field) {
    return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
/** A target that is only built on must have the platforms of what is built on it, else a child gets foreign bytes. */
function parentOnly(name, options) {
    const own = options.build.targets[name]?.platforms ?? [];
    const platforms = own.length > 0 ? own : childPlatforms(name, options, new Set());
    return { ...NO_ATTESTATION, ...(platforms.length === 0 ? {} : { platforms }) };
}
function childPlatforms(name, options, seen) {
    if (seen.has(name))
        return [];
    seen.add(name);
    const children = Object.values(options.build.targets).filter((target) => target.parents.includes(name));
    const found = children.flatMap((child) => {
        const planned = options.images.get(child.name)?.platforms.map(model_descriptor/* formatPlatform */.Bq) ?? child.platforms;
        return planned.length > 0 ? planned : childPlatforms(child.name, options, seen);
    });
    return [...new Set(found)];
}
function common(printed, options) {
    const { inputs } = options;
    const contexts = contextsSchema.parse(printed.contexts) ?? {};
    const replaced = Object.fromEntries(Object.entries(contexts).map(([key, value]) => [key, presentParent(value, options) ?? value]));
    const secrets = secretsOf(listSchema.parse(printed.secret) ?? [], inputs);
    const ssh = listSchema.parse(printed.ssh) ?? [];
    return {
        ...(Object.keys(replaced).length === 0 ? {} : { contexts: replaced }),
        ...(secrets.length === 0 ? {} : { secret: secrets }),
        ...(ssh.length > 0 || inputs.ssh.length === 0 ? {} : { ssh: inputs.ssh }),
        ...(inputs.noCache ? { 'no-cache': true } : {}),
        ...(inputs.pull ? { pull: true } : {}),
        ...(inputs.network === undefined ? {} : { network: inputs.network }),
    };
}
/** A parent that is in the staging store already, by digest. https://docs.docker.com/build/concepts/context/#oci-layout */
function presentParent(value, options) {
    const image = value?.startsWith(TARGET) ? options.present.get(value.slice(TARGET.length)) : undefined;
    if (image === undefined)
        return undefined;
    return `oci-layout://${layoutPath(options.store, image.planned.name)}@${image.top.digest}`;
}
function lists(printed) {
    const [from, to] = [listSchema.parse(printed['cache-from']), listSchema.parse(printed['cache-to'])];
    return {
        ...(from === undefined ? {} : { 'cache-from': from }),
        ...(to === undefined ? {} : { 'cache-to': to }),
    };
}
function without(target, keys) {
    return Object.fromEntries(Object.entries(target).filter(([key]) => !keys.includes(key)));
}
/** bake reads every string of a JSON file as a template. */
function document_literal(value) {
    if (typeof value === 'string')
        return bakeText(value);
    if (Array.isArray(value))
        return value.map(document_literal);
    if (typeof value !== 'object' || value === null)
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [bakeText(key), document_literal(item)]));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/docker-error.js

/**
 * Checked file access with `--allow fs.…`, attributes as objects (0.20); JSON progress and `tar=false` exports are older.
 * https://github.com/docker/buildx/releases/tag/v0.20.0
 */
const MINIMUM_BUILDX = { major: 0, minor: 20 };
/** Without the plugin, docker takes `buildx` for an unknown word and answers with its own usage. */
const NO_PLUGIN = /is not a docker command|unknown command: docker buildx|Usage:\s+docker \[OPTIONS\] COMMAND/;
const NO_DAEMON = /Cannot connect to the Docker daemon|failed to connect to the docker API|permission denied while trying to connect/i;
/** `github.com/docker/buildx v0.29.1 …`, as distributions spell it, too; throws TOOL_MISSING when it is too old or not there. */
function checkBuildx(result) {
    const match = /(\d+)\.(\d+)\.(\d+)\S*/.exec(result.stdout);
    if (result.exitCode !== 0 || match === null)
        throw missingPlugin(result);
    const [version, major, minor] = [match[0], Number(match[1]), Number(match[2])];
    const enough = major > MINIMUM_BUILDX.major || (major === MINIMUM_BUILDX.major && minor >= MINIMUM_BUILDX.minor);
    if (enough)
        return version;
    const wanted = `${MINIMUM_BUILDX.major}.${MINIMUM_BUILDX.minor}`;
    throw new errors/* ReleaseError */.K2('TOOL_MISSING', `docker buildx ${wanted} or newer is needed, found ${version}`, {
        hint: `Update the docker-buildx plugin to ${wanted} or newer (docker/setup-buildx-action does).`,
    });
}
/** What a failed `docker …` call means when it is about docker itself; undefined when it is about something else. */
function dockerError(text) {
    if (NO_PLUGIN.test(text))
        return missingPlugin({ exitCode: 1, stdout: '', stderr: text });
    if (!NO_DAEMON.test(text))
        return undefined;
    const line = text.split('\n').find((each) => NO_DAEMON.test(each)) ?? '';
    return new errors/* ReleaseError */.K2('TOOL_MISSING', `the docker daemon cannot be reached: ${line.replace(/^(?:ERROR|Error): */, '').trim()}`, {
        hint: 'Start the docker daemon and allow this user to use its socket, or name a remote `builder`.',
    });
}
function missingPlugin(result) {
    return new errors/* ReleaseError */.K2('TOOL_MISSING', 'docker has no buildx plugin', {
        hint: `Install docker-buildx ${MINIMUM_BUILDX.major}.${MINIMUM_BUILDX.minor} or newer; hosted runners have it.`,
        cause: new Error(result.stderr.trim()),
    });
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/failure.js


/** How a known trouble shows in what a step or bake said, and what to do about it. */
const CAUSES = [
    {
        sign: /exec format error|no match for platform|does not match the specified platform/i,
        hint: 'A program of another platform was run and no emulator is there: set up QEMU before this step (docker/setup-qemu-action), or name a `builder` with a node of that platform.',
    },
    {
        sign: /exit code: 139|signal: segmentation fault|SIGSEGV|qemu: uncaught target signal/i,
        hint: 'Exit code 139 is a crash; under QEMU mostly one of the emulator: update docker/setup-qemu-action, build that platform on a node of its own, or cross-compile.',
    },
    {
        sign: /exit code: 137|out of memory|cannot allocate memory/i,
        hint: 'Exit code 137 is mostly the kernel ending a step for want of memory: use a larger runner, or build fewer targets at once.',
    },
    {
        sign: /granting access to build to the paths|additional privileges requested|--allow /i,
        hint: 'The bake file reaches outside of the checkout. Keep contexts and files inside it, and give secrets by the inputs `secrets` and `secret-files`.',
    },
    {
        sign: /failed to resolve source metadata|pull access denied|toomanyrequests|429 Too Many Requests/i,
        hint: 'A base image could not be read: check its name, log in to its registry before this step, or use a mirror.',
    },
    {
        sign: /(?:OCI|docker) exporter is not supported|cache export (?:feature )?is (?:not|currently not) supported/i,
        hint: 'The builder cannot do this: leave `builder` out so that a docker-container builder is created, or turn on the containerd image store.',
    },
];
/** DISK_LOW, TOOL_MISSING or BUILD_FAILED, with the target named and its last lines as the cause. */
function buildError(failure, result) {
    const text = [failure.error, ...failure.output, ...failure.said].join('\n');
    const about = dockerError(text);
    if (about !== undefined)
        return about;
    const where = failure.target === undefined ? 'the build failed' : `the build of ${failure.target} failed`;
    const at = failure.step === undefined ? '' : ` at ${failure.step}`;
    const error = oneLine(failure.error);
    const cause = new Error([...failure.output, ...failure.said].join('\n') || `exit code ${result.exitCode}`);
    if (/no space left on device|ENOSPC/i.test(text))
        return new errors/* ReleaseError */.K2('DISK_LOW', `${where}${at}: no space left on device`, { cause });
    const hint = CAUSES.find(({ sign }) => sign.test(text))?.hint;
    return new errors/* ReleaseError */.K2('BUILD_FAILED', `${where}${at}: ${error}`, {
        cause,
        ...(hint === undefined ? {} : { hint }),
    });
}
const LIMIT = 500;
function oneLine(text) {
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length <= LIMIT ? line : `${line.slice(0, LIMIT)}…`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/layout.js


/**
 * The layout of one image, still empty: its `blobs` is a link to the folder that all images share, so that equal bytes
 * are there once. Every image has its own folder: exports into one folder race in the client.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
async function makeLayout(store, name, { files }) {
    const folder = layoutPath(store, name);
    await files.remove(folder);
    await files.makeFolder(`${store.root}/blobs/sha256`);
    await files.makeFolder(`${folder}/ingest`);
    await files.write(`${folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
    await files.link('../blobs', `${folder}/blobs`);
    return folder;
}
/** Names the one image of a layout. */
async function writeIndex(store, name, top, { files }) {
    const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [top] };
    await files.write(`${layoutPath(store, name)}/index.json`, JSON.stringify(index));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/metadata.js



/** https://docs.docker.com/reference/cli/docker/buildx/bake/#metadata-file */
const schema = schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({ 'containerimage.digest': schemas/* string */.YjP().check(schemas/* refine */.YPB(model_digest/* isDigest */.Bc, 'not a sha256 digest')) }));
/** The digest of what bake exported for each target. Throws BUILD_FAILED when the file does not name all of them. */
function metadata_readMetadata(text, targets) {
    const json = parseJson(text);
    const wanted = Object.fromEntries(targets.map((target) => [target, json[target]]));
    const parsed = schema.safeParse(wanted);
    if (!parsed.success)
        throw new errors/* ReleaseError */.K2('BUILD_FAILED', 'bake reported no digest for some of its targets', {
            hint: 'Re-run; if it stays, update buildx.',
            cause: parsed.error,
        });
    return new Map(Object.entries(parsed.data).flatMap(([target, { 'containerimage.digest': digest }]) => (0,model_digest/* isDigest */.Bc)(digest) ? [[target, digest]] : []));
}
function parseJson(text) {
    const parsed = schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* unknown */.L5J()).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : {};
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/progress-line.js

/**
 * One line of `--progress rawjson`: a SolveStatus of BuildKit's client, of which we need these fields.
 * https://github.com/moby/buildkit/blob/master/client/graph.go
 */
const statusSchema = schemas/* object */.Ikc({
    vertexes: schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* object */.Ikc({
        digest: schemas/* string */.YjP(),
        name: schemas/* optional */.lqM(schemas/* string */.YjP()),
        started: schemas/* optional */.lqM(schemas/* string */.YjP()),
        completed: schemas/* optional */.lqM(schemas/* string */.YjP()),
        cached: schemas/* optional */.lqM(schemas/* boolean */.zMY()),
        error: schemas/* optional */.lqM(schemas/* string */.YjP()),
    }))),
    logs: schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* object */.Ikc({ vertex: schemas/* string */.YjP(), data: schemas/* string */.YjP() }))),
    warnings: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(schemas/* object */.Ikc({ short: schemas/* optional */.lqM(schemas/* string */.YjP()) })))),
});
function readProgressLine(line) {
    const parsed = line.startsWith('{') ? statusSchema.safeParse(progress_line_tryJson(line)) : undefined;
    if (parsed?.success !== true)
        return { kind: 'text', text: line };
    const { vertexes = [], logs = [], warnings } = parsed.data;
    return {
        kind: 'status',
        vertexes: vertexes.map(toVertex),
        logs: logs.map(({ vertex, data }) => ({ vertex, text: Buffer.from(data, 'base64').toString('utf8') })),
        warnings: (warnings ?? []).flatMap(({ short }) => short === undefined ? [] : [Buffer.from(short, 'base64').toString('utf8')]),
    };
}
function toVertex(raw) {
    const { started, completed, error } = raw;
    const seconds = started === undefined || completed === undefined
        ? Number.NaN
        : (Date.parse(completed) - Date.parse(started)) / 1000;
    return {
        digest: raw.digest,
        name: progress_line_oneLine(raw.name ?? ''),
        started: started !== undefined,
        cached: raw.cached === true,
        ...(Number.isNaN(seconds) ? {} : { seconds }),
        ...(error === undefined || error === '' ? {} : { error }),
    };
}
const NAME_LIMIT = 200;
/** Here-documents make names of many lines. */
function progress_line_oneLine(name) {
    const line = name.replace(/\s+/g, ' ').trim();
    return line.length <= NAME_LIMIT ? line : `${line.slice(0, NAME_LIMIT)}…`;
}
function progress_line_tryJson(line) {
    try {
        return JSON.parse(line);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/progress.js

const KEPT_LINES = 20;
const SAID_LINES = 40;
/**
 * Follows a build and prints it as `target | step` and `target |   output`, quiet enough to read: steps when they start,
 * their output live, how long the slow ones took; the plumbing only when it is slow or fails.
 */
function followBuild(targets, print) {
    const vertexes = new Map();
    const said = [];
    const failed = [];
    const stateOf = (vertex) => {
        const state = vertexes.get(vertex.digest) ?? { vertex, announced: false, tail: [], partial: '' };
        state.vertex = vertex;
        vertexes.set(vertex.digest, state);
        return state;
    };
    const onVertex = (vertex) => {
        const state = stateOf(vertex);
        const { target, step } = splitName(vertex.name, targets);
        const say = (text) => print(`${target} | ${text}`);
        if (vertex.started && !state.announced && !isPlumbing(step)) {
            state.announced = true;
            say(vertex.cached ? `${step} (cached)` : step);
        }
        if (vertex.error !== undefined) {
            if (!failed.some((other) => other.digest === vertex.digest))
                failed.push(vertex);
            say(`${step} failed: ${firstLine(vertex.error)}`);
        }
        else if (vertex.seconds !== undefined && !vertex.cached && vertex.seconds >= 1) {
            say(`${step} took ${vertex.seconds.toFixed(1)} s`);
        }
    };
    const onLog = (digest, text) => {
        const state = vertexes.get(digest);
        if (state === undefined)
            return;
        const { target } = splitName(state.vertex.name, targets);
        const lines = (state.partial + text).split(/\r\n|\n|\r/);
        state.partial = lines.pop() ?? '';
        for (const line of lines) {
            state.tail.push(line);
            print(`${target} |   ${line}`);
        }
        state.tail.splice(0, state.tail.length - KEPT_LINES);
    };
    const take = (status) => {
        if (status.kind === 'text') {
            if (status.text.trim() !== '')
                said.push(status.text);
            said.splice(0, said.length - SAID_LINES);
            return;
        }
        for (const vertex of status.vertexes)
            onVertex(vertex);
        for (const { vertex, text } of status.logs)
            onLog(vertex, text);
        for (const warning of status.warnings)
            print(`build | Warning: ${firstLine(warning)}`);
    };
    return {
        line: (text) => take(readProgressLine(text)),
        failure: () => {
            // The others were cancelled because of the first.
            const first = failed.find(({ error = '' }) => !/context cancell?ed/i.test(error)) ?? failed[0];
            const last = said.findLast((line) => line.startsWith('ERROR: ')) ?? said.at(-1);
            const state = first === undefined ? undefined : vertexes.get(first.digest);
            const name = first === undefined ? undefined : splitName(first.name, targets);
            const target = /^ERROR: target ([\w-]+): /.exec(last ?? '')?.[1] ?? name?.target ?? onlyOne(targets);
            const output = [...(state?.tail ?? []), ...(state?.partial ? [state.partial] : [])];
            return {
                error: first?.error ?? last?.replace(/^ERROR: (?:target [\w-]+: )?/, '') ?? 'no message',
                output,
                said,
                ...(target === undefined ? {} : { target }),
                ...(name === undefined ? {} : { step: name.step }),
            };
        },
        cacheErrors: () => failed.filter(({ name }) => /exporting .*cache/.test(name)).map(({ error = '' }) => firstLine(error)),
    };
}
/**
 * BuildKit names a step `[target linux/arm64 stage 2/3] RUN …`; with one target the target's name is left out.
 * https://github.com/docker/buildx/blob/master/util/progress/multiwriter.go
 */
function splitName(name, targets) {
    const only = onlyOne(targets);
    const match = /^\[([\w-]+)(?: ([^\]]*))?\] ?/.exec(name);
    const [prefix, word, rest] = [match?.[0] ?? '', match?.[1], match?.[2]];
    if (word === undefined || !targets.includes(word))
        return { target: only ?? 'build', step: name };
    const step = name.slice(prefix.length);
    return { target: word, step: rest === undefined ? step : `[${rest}] ${step}` };
}
function onlyOne(targets) {
    return targets.length === 1 ? targets[0] : undefined;
}
const PLUMBING = /^(?:\[[^\]]*internal\] (?!load metadata|booting)|\[internal\] (?!load metadata|booting)|resolving provenance|exporting to |importing to )/;
function isPlumbing(step) {
    return PLUMBING.test(step);
}
function firstLine(text) {
    return text.split('\n', 1)[0] ?? '';
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/stage.js





/** https://github.com/opencontainers/image-spec/blob/main/config.md#properties */
const configSchema = schemas/* object */.Ikc({
    os: schemas/* string */.YjP(),
    architecture: schemas/* string */.YjP(),
    variant: schemas/* optional */.lqM(schemas/* string */.YjP()),
});
/**
 * An image whose blobs are in the staging store, as a value. Index, manifests and configs are read and hashed; of layers
 * the size is compared (they are hashed when they are pushed). Throws when a planned platform is missing.
 */
async function stageImage(spec, ports) {
    try {
        return await readStaged(spec, ports);
    }
    catch (cause) {
        if (cause instanceof errors/* ReleaseError */.K2)
            throw cause;
        throw new errors/* ReleaseError */.K2(spec.fault, `the manifests of ${spec.planned.name} cannot be read`, { cause });
    }
}
async function readStaged(spec, ports) {
    const { planned, store, origin } = spec;
    const top = pick(spec.top);
    const blobs = new Map([[top.digest, top.size]]);
    const platforms = await readMembers(spec, top, blobs, ports);
    const missing = planned.platforms.filter((wanted) => !platforms.some(({ platform }) => (0,model_descriptor/* samePlatform */.my)(platform, wanted)));
    if (missing.length > 0 || platforms.length === 0) {
        const found = platforms.map(({ platform }) => (0,model_descriptor/* formatPlatform */.Bq)(platform)).join(', ') || 'none';
        const wanted = missing.map(model_descriptor/* formatPlatform */.Bq).join(', ') || 'any platform';
        throw new errors/* ReleaseError */.K2(spec.fault, `the image ${planned.name} has no ${wanted}; it has ${found}`, {
            hint: 'Make the declared `platforms` and those of the image the same.',
        });
    }
    const size = [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { planned, store, top, platforms, origin, size };
}
/** Every manifest below the top, attestations included for their size; images alone are platforms. */
async function readMembers(spec, top, blobs, ports) {
    const document = decodeManifest(await readBlob(spec, top, ports));
    if (document.kind === 'manifest')
        return [await readImage(spec, top, document, blobs, ports)];
    const images = new Set(imageMembers(document.manifests).map(({ digest }) => digest));
    const platforms = [];
    for (const member of document.manifests) {
        blobs.set(member.digest, member.size);
        if (isIndexType(member.mediaType))
            throw new errors/* ReleaseError */.K2(spec.fault, `the index of ${spec.planned.name} holds another index: ${member.digest}`);
        const manifest = decodeManifest(await readBlob(spec, member, ports));
        if (manifest.kind === 'index')
            throw new errors/* ReleaseError */.K2(spec.fault, `the index of ${spec.planned.name} holds another index: ${member.digest}`);
        if (images.has(member.digest))
            platforms.push(await readImage(spec, member, manifest, blobs, ports));
        else
            await checkBlobs(spec, manifest, blobs, ports);
    }
    return platforms;
}
async function readImage(spec, descriptor, manifest, blobs, ports) {
    await checkBlobs(spec, manifest, blobs, ports);
    const config = await readBlob(spec, manifest.config, ports);
    const platform = descriptor.platform ?? platformOf(spec, config);
    return { platform, descriptor: { ...pick(descriptor), platform } };
}
async function checkBlobs(spec, manifest, blobs, { files }) {
    for (const blob of [manifest.config, ...manifest.layers]) {
        if (blobs.has(blob.digest))
            continue;
        const size = await files.size(blobPath(spec.store, blob.digest));
        if (size !== blob.size)
            throw new errors/* ReleaseError */.K2(spec.fault, `a blob of ${spec.planned.name} is incomplete: ${blob.digest} has ${size ?? 'no'} bytes of ${blob.size}`);
        blobs.set(blob.digest, blob.size);
    }
}
async function readBlob(spec, blob, { files }) {
    const path = blobPath(spec.store, blob.digest);
    if ((await files.size(path)) !== blob.size)
        throw new errors/* ReleaseError */.K2(spec.fault, `a blob of ${spec.planned.name} is missing or incomplete: ${blob.digest}`);
    const bytes = await files.read(path);
    requireDigest(bytes, blob.digest, `a blob of ${spec.planned.name}`);
    return bytes;
}
function platformOf(spec, config) {
    const parsed = configSchema.safeParse(JSON.parse(new TextDecoder().decode(config)));
    if (!parsed.success)
        throw new errors/* ReleaseError */.K2(spec.fault, `the config of ${spec.planned.name} names no platform`, {
            cause: parsed.error,
        });
    const { os, architecture, variant } = parsed.data;
    return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}
/** A layout's descriptors carry names and dates of their own; a tag points at these three. */
function pick({ mediaType, digest, size }) {
    return { mediaType, digest, size };
}
/** The descriptors of a layout's index.json. */
function readLayoutIndex(text) {
    const document = decodeManifest(new TextEncoder().encode(text));
    if (document.kind === 'manifest')
        throw new TypeError('index.json is no index');
    return document.manifests;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/bake.js











/** Lines of JSON hold whole chunks of output. */
const bake_LINE_LIMIT = 4 * 1024 * 1024;
/** One bake call for all images that are still to be built, by target. */
async function bakeImages(spec, images, ports) {
    const { store } = spec;
    const targets = [...images.keys()];
    const document = bakeDocument({
        build: spec.build,
        images,
        present: presentTargets(spec),
        store,
        inputs: spec.inputs,
        tagRelease: spec.plan.kind === 'tag',
    });
    const [file, metadataFile] = [`${store.root}/bake.json`, `${store.root}/metadata.json`];
    await ports.files.write(file, JSON.stringify(document, undefined, 2));
    await Promise.all([...images.values()].map(({ name }) => makeLayout(store, name, ports)));
    const allow = allowed(spec, document.target);
    await runBake(spec, bakeArgs({ builder: spec.builder.name, file, metadataFile, targets, allow }), targets, ports);
    const digests = metadata_readMetadata(await ports.files.readText(metadataFile), targets);
    return Promise.all([...images].map(async ([target, planned]) => {
        const index = readLayoutIndex(await ports.files.readText(`${layoutPath(store, planned.name)}/index.json`));
        const top = index.find(({ digest }) => digest === digests.get(target));
        if (top === undefined)
            throw new errors/* ReleaseError */.K2('DIGEST_MISMATCH', `bake reported ${digests.get(target)} for ${target}, and its layout holds ${index.map(({ digest }) => digest).join(', ')}`);
        return stageImage({ planned, store, top, origin: 'built', fault: 'BUILD_FAILED' }, ports);
    }));
}
async function runBake(spec, args, targets, ports) {
    const printer = ports.log.foreign();
    const progress = followBuild(targets, printer.line);
    let result;
    try {
        result = await ports.exec.run({
            file: 'docker',
            args,
            cwd: spec.cwd,
            environment: 'full',
            env: bakeEnv(spec.plan.sourceDateEpoch, spec.secretEnv),
            onLine: progress.line,
            lineLimit: bake_LINE_LIMIT,
        });
    }
    finally {
        printer.end();
    }
    if (result.exitCode !== 0)
        throw buildError(progress.failure(), result);
    for (const error of progress.cacheErrors())
        ports.log.warning(`The build cache could not be exported; the release goes on without it: ${error}`);
}
function presentTargets({ plan, adopted }) {
    return new Map(plan.images.flatMap(({ name, source }) => {
        const image = adopted.get(name);
        return image === undefined || source.kind !== 'bake' ? [] : [[source.target, image]];
    }));
}
function allowed(spec, targets) {
    const { inputs, store, workspace, cwd } = spec;
    const folders = (key, attribute) => Object.values(targets).flatMap((target) => {
        const entries = target[key];
        return Array.isArray(entries) ? localCacheFolders(entries, attribute) : [];
    });
    const absolute = (path) => ((0,external_node_path_.isAbsolute)(path) ? path : (0,external_node_path_.join)(cwd, path));
    return {
        read: bake_distinct([
            workspace,
            store.root,
            ...Object.values(inputs.secretFiles),
            ...folders('cache-from', 'src').map(absolute),
        ]),
        write: bake_distinct([store.root, ...folders('cache-to', 'dest').map(absolute)]),
        ssh: inputs.ssh.length > 0 || Object.values(targets).some((target) => target.ssh !== undefined),
        hostNetwork: inputs.network === 'host',
    };
}
function bake_distinct(paths) {
    return [...new Set(paths)];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/create-builder.js


const create_builder_ATTEMPTS = 3;
const PAUSE_MS = 5000;
/**
 * Makes the builder when it is still to be created. Its name is saved first, so that the post step removes it even when
 * this run is killed. The first start pulls an image: tried again, since mirrors and limits come and go.
 */
async function ensureBuilder(builder, ports) {
    const { create } = builder;
    if (create === undefined)
        return;
    ports.log.info(`Creating the builder ${builder.name}, because ${create.reason}.`);
    ports.state.save('builder', builder.name);
    await makeBuilder(builder, ports);
}
async function makeBuilder(builder, ports, attempt = 1) {
    const { exitCode, stderr } = await ports.exec.run({
        file: 'docker',
        args: createArgs(builder),
        environment: 'full',
    });
    if (exitCode === 0)
        return;
    const reason = lastError(stderr);
    await removeBuilder(builder.name, ports);
    if (attempt < create_builder_ATTEMPTS && dockerError(stderr) === undefined) {
        ports.log.info(`The builder did not start (${reason}); trying again.`);
        await ports.clock.sleep(PAUSE_MS * attempt);
        return makeBuilder(builder, ports, attempt + 1);
    }
    throw (dockerError(stderr) ??
        new errors/* ReleaseError */.K2('BUILDER_UNFIT', `a docker-container builder could not be started: ${reason}`, {
            hint: 'Set `builder-image` to a BuildKit image that this runner can pull, or name an existing `builder`.',
            cause: new Error(stderr.trim()),
        }));
}
function createArgs(builder) {
    const image = builder.create?.image;
    const options = image === undefined ? [] : ['--driver-opt', `image=${image}`];
    return [
        'buildx',
        'create',
        '--name',
        builder.name,
        '--driver',
        'docker-container',
        ...options,
        '--bootstrap',
    ];
}
/** For the post step, and after a start that failed. A builder that is not there is fine. */
async function removeBuilder(name, ports) {
    await ports.exec.run({ file: 'docker', args: ['buildx', 'rm', '--force', name], environment: 'full' });
}
function lastError(stderr) {
    const lines = stderr.split('\n').filter((line) => line.trim() !== '');
    return (lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1) ?? 'no message').replace('ERROR: ', '');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/adopt.js







/** As docker pulls: more connections are not faster and annoy registries. */
const adopt_BLOBS_AT_ONCE = 4;
/** Takes an image of an earlier run from the registry into the staging store, byte for byte. */
function adoptImage(planned, from, store, ports) {
    ports.log.info(`Adopting ${planned.name}: pulling ${(0,model_reference/* formatReference */.FH)(from)}.`);
    return pullImage({ planned, from, store, origin: 'adopted', fault: 'DIGEST_MISMATCH' }, ports);
}
async function pullImage(spec, ports) {
    const { planned, from, store } = spec;
    const top = await fetchManifest(spec, from.digest, ports);
    await makeLayout(store, planned.name, ports);
    await pullTree(spec, top, ports);
    await writeIndex(store, planned.name, top.descriptor, ports);
    return stageImage({ planned, store, top: top.descriptor, origin: spec.origin, fault: spec.fault }, ports);
}
/** The manifest, its members, and all their blobs that the store has not got yet. */
async function pullTree(spec, top, ports) {
    const document = decodeManifest(top.bytes);
    const blobs = new Map();
    if (document.kind === 'index') {
        const members = await mapLimit(document.manifests, adopt_BLOBS_AT_ONCE, ({ digest }) => fetchManifest(spec, digest, ports));
        for (const member of members)
            addBlobs(spec, member, blobs, ports);
        for (const member of members)
            await adopt_keep(spec.store, member, ports);
    }
    else
        addBlobs(spec, top, blobs, ports);
    await mapLimit([...blobs.values()], adopt_BLOBS_AT_ONCE, (blob) => adopt_pullBlob(spec, blob, ports));
    // Last, so that a tree that is there is whole.
    await adopt_keep(spec.store, top, ports);
}
function addBlobs(spec, manifest, blobs, _) {
    const document = decodeManifest(manifest.bytes);
    if (document.kind === 'index')
        throw new errors/* ReleaseError */.K2(spec.fault, `the index of ${spec.planned.name} holds another index`);
    for (const blob of [document.config, ...document.layers])
        blobs.set(blob.digest, blob);
}
async function fetchManifest({ from, planned, fault }, digest, { registry }) {
    const reference = { repository: from.repository, digest };
    const manifest = await registry.getManifest(reference);
    if (manifest !== undefined)
        return manifest;
    throw new errors/* ReleaseError */.K2(fault, `${planned.name} is not in the registry: ${(0,model_reference/* formatReference */.FH)(reference)}`);
}
async function adopt_pullBlob({ from, store }, blob, { files, registry }) {
    const path = blobPath(store, blob.digest);
    if ((await files.size(path)) === blob.size)
        return;
    await registry.pullBlob(from.repository, blob, path);
}
async function adopt_keep(store, { bytes, descriptor }, { files }) {
    await files.write(blobPath(store, descriptor.digest), bytes);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/archive.js

/** Members may be called `./index.json` as well as `index.json`. */
async function openArchive(file, folder, ports) {
    const { stdout } = await tar(['--list', '--file', file], file, ports);
    const members = new Map(stdout
        .split('\n')
        .filter((name) => name !== '' && !name.endsWith('/'))
        .map((name) => [name.replace(/^(?:\.\/)+/, ''), name]));
    const root = await ports.files.realPath(folder);
    const path = (name) => `${root}/${name}`;
    const unpacked = new Set();
    const extract = async (names) => {
        const wanted = [...new Set(names)].filter((name) => members.has(name) && !unpacked.has(name));
        if (wanted.length === 0)
            return;
        for (const name of wanted)
            checkName(file, name);
        const actual = wanted.map((name) => members.get(name) ?? name);
        const options = ['--no-same-owner', '--no-same-permissions'];
        await tar(['--extract', '--file', file, '--directory', root, ...options, '--', ...actual], file, ports);
        for (const name of wanted) {
            // A link in the archive may point anywhere: what it leads to is never read.
            const real = await ports.files.realPath(path(name)).catch(() => undefined);
            if (real !== path(name) || (await ports.files.isFolder(real)))
                throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${file} holds a link or a folder where a file must be: ${name}`);
            unpacked.add(name);
        }
    };
    return { has: (name) => members.has(name), extract, path };
}
function checkName(file, name) {
    if (name.startsWith('/') || name.split('/').includes('..'))
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${file} names a file outside of itself: ${name}`);
}
async function tar(args, file, { exec }) {
    const result = await exec.run({ file: 'tar', args, environment: 'minimal' });
    if (result.exitCode === 0)
        return result;
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${file} cannot be read as a tar archive`, {
        cause: new Error(result.stderr.trim()),
    });
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/blob-source.js

/** A folder of the user: nothing in it is changed. */
function folderSource(root) {
    return { fetch: async () => { }, path: (digest) => `${root}/${blobName(digest)}`, ours: false };
}
function archiveSource(archive) {
    return {
        fetch: (digests) => archive.extract(digests.map(blobName)),
        path: (digest) => archive.path(blobName(digest)),
        ours: true,
    };
}
function blobName(digest) {
    return `blobs/sha256/${(0,model_digest/* hexOf */.ZD)(digest)}`;
}
/** Puts a file at its place in the store, by a rename where it is ours. */
async function blob_source_place(source, from, to, { files }) {
    await (source.ours ? files.move(from, to) : files.copy(from, to));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/import-image.js







/** Layers that travel uncompressed; we gzip them, so that scan and push see the bytes that users get. */
const UNCOMPRESSED = new Set([
    MEDIA.ociLayer,
    'application/vnd.docker.image.rootfs.diff.tar',
]);
const import_image_configSchema = schemas/* object */.Ikc({ rootfs: schemas/* object */.Ikc({ diff_ids: schemas/* array */.YOg(schemas/* string */.YjP()) }) });
/**
 * Takes an image of a layout into the store. Every byte is checked against its digest on the way. What needs no change
 * keeps its bytes; where layers are gzipped, manifest and index are made anew and the config stays as it is.
 */
async function importImage(spec, top, ports) {
    await spec.source.fetch([top.digest]);
    const bytes = await import_image_readBlob(spec, top, ports);
    const document = decodeManifest(bytes);
    const encoded = {
        bytes,
        descriptor: { mediaType: top.mediaType, digest: top.digest, size: bytes.byteLength },
    };
    const result = document.kind === 'manifest'
        ? await importManifest(spec, encoded, document, ports)
        : await importIndex(spec, encoded, document, ports);
    return result.descriptor;
}
async function importIndex(spec, encoded, index, ports) {
    await spec.source.fetch(index.manifests.map(({ digest }) => digest));
    const members = [];
    for (const before of index.manifests) {
        if (spec.partial && !(await ports.files.exists(spec.source.path(before.digest))))
            continue;
        const bytes = await import_image_readBlob(spec, before, ports);
        const manifest = decodeManifest(bytes);
        if (manifest.kind === 'index')
            throw invalid(spec, `its index holds another index: ${before.digest}`);
        if (spec.partial && !(await hasBlobs(spec, manifest, ports)))
            continue;
        const after = await importManifest(spec, { bytes, descriptor: before }, manifest, ports);
        members.push({ before, after });
    }
    const whole = members.length === index.manifests.length;
    if (whole && members.every(({ before, after }) => before.digest === after.descriptor.digest))
        return import_image_keep(spec, encoded, ports);
    return remakeIndex(spec, index, members, ports);
}
/** What is left of an index after a change: its images. Attestations speak of digests that no longer exist. */
function remakeIndex(spec, index, members, ports) {
    const images = new Set(imageMembers(index.manifests).map(({ digest }) => digest));
    const kept = members.filter(({ before }) => images.has(before.digest));
    const [first, ...others] = kept;
    if (first === undefined)
        throw invalid(spec, 'its index holds no image');
    if (others.length === 0)
        return Promise.resolve(first.after);
    const manifests = kept.map(({ before, after }) => ({ ...before, ...import_image_pick(after.descriptor) }));
    const annotations = import_image_annotationsOf(index.annotations);
    const value = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests, ...annotations };
    return import_image_keep(spec, encodeJson(value, MEDIA.ociIndex), ports);
}
async function importManifest(spec, encoded, manifest, ports) {
    const { config, layers } = manifest;
    await spec.source.fetch([config, ...layers].map(({ digest }) => digest));
    const configBytes = await import_image_readBlob(spec, config, ports);
    await ports.files.write(blobPath(spec.store, config.digest), configBytes);
    const diffIds = layers.some(isUncompressed) ? diffIdsOf(spec, configBytes) : [];
    const taken = [];
    for (const [i, layer] of layers.entries())
        taken.push(isUncompressed(layer)
            ? await gzipLayer(spec, spec.source.path(layer.digest), layer.digest, diffIds[i], ports)
            : await takeBlob(spec, layer, ports));
    if (!layers.some(isUncompressed))
        return import_image_keep(spec, encoded, ports);
    const remade = ociManifest({ ...config, mediaType: MEDIA.ociConfig }, taken, manifest.annotations);
    return import_image_keep(spec, remade, ports);
}
function ociManifest(config, layers, annotations) {
    const value = {
        schemaVersion: 2,
        mediaType: MEDIA.ociManifest,
        config: import_image_pick(config),
        layers: layers.map(import_image_pick),
        ...import_image_annotationsOf(annotations),
    };
    return encodeJson(value, MEDIA.ociManifest);
}
/** Gzips a layer into the store, after its bytes are those that the config speaks of. */
async function gzipLayer(spec, path, expected, diffId, { files }) {
    if (diffId !== expected)
        throw invalid(spec, `a layer is ${expected}, and the config calls it ${diffId ?? 'nothing'}`);
    if (!(await files.exists(path)))
        throw invalid(spec, `a layer is missing: ${expected}`);
    const actual = await files.hash(path);
    if (actual !== expected)
        throw invalid(spec, `a layer is ${actual} instead of ${expected}`);
    const temporary = `${spec.store.root}/gzip-${(0,external_node_crypto_.randomBytes)(6).toString('hex')}`;
    const { digest, size } = await files.gzip(path, temporary);
    await files.move(temporary, blobPath(spec.store, digest));
    return { mediaType: MEDIA.ociLayerGzip, digest, size };
}
function diffIdsOf(spec, config) {
    const parsed = import_image_configSchema.safeParse(JSON.parse(new TextDecoder().decode(config)));
    if (!parsed.success)
        throw invalid(spec, 'its config names no layers (rootfs.diff_ids)');
    return parsed.data.rootfs.diff_ids.map((text) => (0,model_digest/* parseDigest */.m)(text) ?? text);
}
async function takeBlob(spec, blob, { files }) {
    const to = blobPath(spec.store, blob.digest);
    // What the store has was checked when it came.
    if ((await files.size(to)) === blob.size)
        return blob;
    const from = spec.source.path(blob.digest);
    if ((await files.size(from)) !== blob.size)
        throw invalid(spec, `a blob is missing or incomplete: ${blob.digest}`);
    const actual = await files.hash(from);
    if (actual !== blob.digest)
        throw invalid(spec, `a blob is ${actual} instead of ${blob.digest}`);
    await blob_source_place(spec.source, from, to, { files });
    return blob;
}
async function hasBlobs(spec, manifest, { files }) {
    const digests = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
    await spec.source.fetch(digests);
    for (const digest of digests) {
        const there = (await files.exists(spec.source.path(digest))) || (await files.exists(blobPath(spec.store, digest)));
        if (!there)
            return false;
    }
    return true;
}
async function import_image_readBlob(spec, blob, { files }) {
    const path = spec.source.path(blob.digest);
    const size = await files.size(path);
    if (size === undefined)
        throw invalid(spec, `a blob is missing: ${blob.digest}`);
    if (size !== blob.size)
        throw invalid(spec, `a blob has ${size} bytes instead of ${blob.size}: ${blob.digest}`);
    const bytes = await files.read(path);
    requireDigest(bytes, blob.digest, spec.where);
    return bytes;
}
async function import_image_keep(spec, encoded, { files }) {
    await files.write(blobPath(spec.store, encoded.descriptor.digest), encoded.bytes);
    return encoded;
}
function isUncompressed(layer) {
    return UNCOMPRESSED.has(layer.mediaType);
}
function import_image_annotationsOf(annotations) {
    return Object.keys(annotations).length === 0 ? {} : { annotations };
}
function import_image_pick({ mediaType, digest, size }) {
    return { mediaType, digest, size };
}
function invalid(spec, what) {
    return new errors/* ReleaseError */.K2('SOURCE_INVALID', `${spec.where} cannot be used: ${what}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/docker-archive.js






/** https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format */
const manifestSchema = schemas/* array */.YOg(schemas/* object */.Ikc({
    Config: schemas/* string */.YjP(),
    RepoTags: schemas/* optional */.lqM(schemas/* nullable */.mee(schemas/* array */.YOg(schemas/* string */.YjP()))),
    Layers: schemas/* array */.YOg(schemas/* string */.YjP()),
}));
/**
 * An image of `docker save` in its old form: a config and layers without a manifest. Layers are gzipped (some tools have
 * done so already), the config is kept byte for byte, and the manifest is made here.
 */
async function importDockerArchive(spec, selector, ports) {
    const { archive, store } = spec;
    const entry = selectEntry(await readEntries(spec, ports), selector, spec.where);
    await archive.extract([entry.Config, ...entry.Layers]);
    const config = await ports.files.read(await member(spec, entry.Config, ports));
    const diffIds = diffIdsOf(spec, config);
    if (diffIds.length !== entry.Layers.length)
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${spec.where} cannot be used: ${entry.Layers.length} layers, and the config names ${diffIds.length}`);
    const layers = [];
    for (const [i, name] of entry.Layers.entries())
        layers.push(await takeLayer(spec, await member(spec, name, ports), diffIds[i] ?? '', ports));
    const configDigest = (0,model_digest/* digestOf */.ol)(config);
    await ports.files.write(blobPath(store, configDigest), config);
    const manifest = ociManifest({ mediaType: MEDIA.ociConfig, digest: configDigest, size: config.byteLength }, layers, {});
    await ports.files.write(blobPath(store, manifest.descriptor.digest), manifest.bytes);
    return manifest.descriptor;
}
async function takeLayer(spec, path, diffId, ports) {
    const digest = await ports.files.hash(path);
    if (digest === diffId)
        return gzipLayer(spec, path, digest, diffId, ports);
    if ((await ports.files.hashGunzipped(path)) !== (0,model_digest/* parseDigest */.m)(diffId))
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${spec.where} cannot be used: a layer is ${digest} instead of ${diffId}`);
    const size = (await ports.files.size(path)) ?? 0;
    // Copied: several names may lead to one layer.
    await ports.files.copy(path, blobPath(spec.store, digest));
    return { mediaType: MEDIA.ociLayerGzip, digest, size };
}
async function readEntries(spec, { files }) {
    const { archive, where } = spec;
    await archive.extract(['manifest.json']);
    const text = archive.has('manifest.json') ? await files.readText(archive.path('manifest.json')) : 'null';
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    if (parsed.success)
        return parsed.data;
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: it holds no image of docker save`, {
        cause: parsed.error,
    });
}
function selectEntry(entries, selector, where) {
    const tagsOf = (entry) => entry.RepoTags ?? [];
    const fitting = selector === undefined
        ? entries
        : entries.filter((entry) => tagsOf(entry).some((tag) => tag === selector || tag.endsWith(`:${selector}`)));
    const [first, ...others] = fitting;
    if (first !== undefined && others.length === 0)
        return first;
    const choices = entries.flatMap(tagsOf).join(', ') || 'none with a name';
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: it holds not exactly one image${selector === undefined ? '' : ` ${selector}`}; it has ${choices}`, { hint: 'Name one image as PATH:TAG.' });
}
async function member(spec, name, { files }) {
    const path = spec.archive.path(name);
    if (spec.archive.has(name) && (await files.exists(path)))
        return path;
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${spec.where} cannot be used: it names a file that it does not hold: ${name}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/select-image.js

/** `PATH`, `PATH:TAG`, or `PATH@sha256:…`: the path is the longest beginning that exists. */
async function splitSelector(text, { files }) {
    if (await files.exists(text))
        return { path: text };
    const ends = [...text.matchAll(/[:@]/g)].map(({ index }) => index).reverse();
    for (const end of ends) {
        const path = text.slice(0, end);
        if (path !== '' && (await files.exists(path)))
            return { path, selector: text.slice(end + 1) };
    }
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `there is no such file or folder: ${text}`);
}
/** The names that tools give to the images of a layout. */
const NAMES = [
    'org.opencontainers.image.ref.name',
    'io.containerd.image.name',
    'containerd.io/distribution.source',
];
/** The one image of an index.json, or the one selected by tag, whole name or digest. */
function selectImage(manifests, selector, where) {
    const fitting = selector === undefined ? manifests : manifests.filter((each) => fits(each, selector));
    // One image under two tags is one image.
    const distinct = [...new Map(fitting.map((each) => [each.digest, each])).values()];
    const [first, ...others] = distinct;
    if (first !== undefined && others.length === 0)
        return first;
    const choices = manifests.map((each) => namesOf(each)[0] ?? each.digest).join(', ') || 'none';
    const what = selector === undefined ? 'it holds several images or none' : `it holds no single image ${selector}`;
    throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: ${what}; it has ${choices}`, {
        hint: 'Name one image as PATH:TAG or PATH@sha256:…',
    });
}
function fits(descriptor, selector) {
    if (descriptor.digest === selector)
        return true;
    return namesOf(descriptor).some((name) => name === selector || name.endsWith(`:${selector}`));
}
function namesOf(descriptor) {
    return NAMES.flatMap((key) => descriptor.annotations?.[key] ?? []);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/bring.js











/**
 * Takes an image that another tool built into the staging store (`from:`). Throws SOURCE_INVALID with what is wrong with
 * it; every byte is checked against its digest.
 */
async function bringImage(planned, store, ports) {
    const { source } = planned;
    const where = bring_describe(source);
    ports.log.info(`Taking ${planned.name} from ${where}.`);
    try {
        if (source.kind === 'registry')
            return await bringFromRegistry(planned, source.reference, store, ports);
        await makeLayout(store, planned.name, ports);
        const top = await bringLocal(source, where, store, ports);
        await writeIndex(store, planned.name, top, ports);
        return await stageImage({ planned, store, top, origin: 'brought', fault: 'SOURCE_INVALID' }, ports);
    }
    catch (cause) {
        if (cause instanceof errors/* ReleaseError */.K2)
            throw cause;
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: its documents cannot be read`, {
            cause,
        });
    }
}
function bringFromRegistry(planned, text, store, ports) {
    const from = (0,model_reference/* parseReference */.F2)(text);
    if (from === undefined || !(0,model_reference/* isDigestRef */.oO)(from))
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `not a reference with a digest: ${text}`);
    return pullImage({ planned, from, store, origin: 'brought', fault: 'SOURCE_INVALID' }, ports);
}
async function bringLocal(source, where, store, ports) {
    switch (source.kind) {
        case 'bake':
            throw new errors/* ReleaseError */.K2('INTERNAL', `not an image that is brought: ${source.target}`);
        case 'oci-layout': {
            const { path, selector } = await splitSelector(source.path, ports);
            return bringLayout(path, selector, where, store, ports);
        }
        case 'oci-archive':
        case 'docker-archive': {
            const { path, selector } = await splitSelector(source.path, ports);
            return bringArchive(path, selector, { where, store, partial: false }, ports);
        }
        case 'docker-daemon':
            return bringFromDaemon(source.reference, where, store, ports);
    }
}
async function bringLayout(root, selector, where, store, ports) {
    const text = await ports.files.readTextIfExists(`${root}/index.json`);
    if (text === undefined)
        throw new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: it is no OCI layout, index.json is missing`);
    const top = selectImage(readLayoutIndex(text), selector, where);
    return importImage({ source: folderSource(root), store, where, partial: false }, top, ports);
}
/** Since Docker 25, `docker save` writes an OCI layout with its old documents beside it. */
async function bringArchive(file, selector, spec, ports) {
    const folder = await ports.files.makeTempFolder('unpacked');
    try {
        const archive = await openArchive(file, folder, ports);
        if (!archive.has('index.json') || !archive.has('oci-layout'))
            return await importDockerArchive({ ...spec, archive }, selector, ports);
        const top = selectImage(await readArchiveIndex(archive, ports), selector, spec.where);
        return await importImage({ ...spec, source: archiveSource(archive) }, top, ports);
    }
    finally {
        await ports.files.remove(folder);
    }
}
async function readArchiveIndex(archive, { files }) {
    await archive.extract(['index.json']);
    return readLayoutIndex(await files.readText(archive.path('index.json')));
}
async function bringFromDaemon(reference, where, store, ports) {
    const folder = await ports.files.makeTempFolder('saved');
    try {
        const file = `${folder}/image.tar`;
        const args = ['save', '--output', file, '--', withTag(reference)];
        const result = await ports.exec.run({ file: 'docker', args, environment: 'full' });
        if (result.exitCode !== 0)
            throw (dockerError(result.stderr) ??
                new errors/* ReleaseError */.K2('SOURCE_INVALID', `${where} cannot be used: ${result.stderr.trim()}`));
        return await bringArchive(file, undefined, { where, store, partial: true }, ports);
    }
    finally {
        await ports.files.remove(folder);
    }
}
/** `docker save NAME` would save every tag of the name. */
function withTag(reference) {
    const isId = /^(?:sha256:)?[0-9a-f]{12,64}$/.test(reference);
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return isId || /[:@]/.test(name) ? reference : `${reference}:latest`;
}
function bring_describe(source) {
    if (source.kind === 'bake')
        return `the bake target ${source.target}`;
    return `${source.kind}:${'path' in source ? source.path : source.reference}`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/inspect-output.js
/**
 * The text of `docker buildx inspect`, which has no machine-readable form: `Key: value` lines, a list of nodes, and
 * labels set in by one space. https://docs.docker.com/reference/cli/docker/buildx/inspect/
 */
function parseInspect(text) {
    const [head = '', ...rest] = text.split(/^Nodes:$/m);
    const builder = fieldsOf(head);
    const { Name: name } = builder;
    if (name === undefined)
        return undefined;
    const blocks = rest
        .join('')
        .split(/^(?=Name:)/m)
        .filter((block) => block.startsWith('Name:'));
    return {
        name,
        driver: builder.Driver ?? '',
        nodes: blocks.map(parseNode),
        ...(builder.Error === undefined ? {} : { error: builder.Error }),
    };
}
function parseNode(block) {
    const fields = fieldsOf(block);
    const buildkit = fields['BuildKit version'];
    return {
        name: fields.Name ?? '',
        endpoint: fields.Endpoint ?? '',
        status: fields.Status ?? '',
        // A star marks what the user set by hand.
        platforms: (fields.Platforms ?? '')
            .split(',')
            .map((platform) => platform.trim().replace(/\*$/, ''))
            .filter((platform) => platform !== ''),
        labels: labelsOf(block),
        ...(buildkit === undefined ? {} : { buildkit }),
        ...(fields.Error === undefined ? {} : { error: fields.Error }),
    };
}
function fieldsOf(text) {
    return Object.fromEntries([...text.matchAll(/^([A-Z][\w ]*):[ \t]*(\S.*)$/gm)].map(([, key = '', value = '']) => [
        key,
        value.trim(),
    ]));
}
function labelsOf(text) {
    return Object.fromEntries([...text.matchAll(/^ ([\w./-]+):[ \t]+(\S.*)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/builder.js





/**
 * The present builder when it can export OCI layouts, else a docker-container builder that is still to be created.
 * Reads only. Throws TOOL_MISSING (docker or buildx absent, too old, daemon not reachable) and BUILDER_UNFIT (the named
 * builder does not exist, does not answer, or cannot export).
 */
async function chooseBuilder(wanted, needs, ports) {
    const named = wanted.builder === undefined ? [] : [wanted.builder];
    const [version, inspected] = await Promise.all([
        docker(['buildx', 'version'], ports),
        docker(['buildx', 'inspect', '--', ...named], ports),
    ]);
    const buildx = checkBuildx(version);
    const present = readInspected(inspected, wanted.builder);
    const unfit = await whyUnfit(present, ports);
    if (unfit === undefined) {
        const platforms = [...new Set(present.nodes.flatMap((node) => node.platforms))];
        tellMissingPlatforms(needs.platforms, platforms, present.name, ports);
        return { name: present.name, driver: present.driver, buildx, platforms };
    }
    if (wanted.builder !== undefined)
        throw new errors/* ReleaseError */.K2('BUILDER_UNFIT', `the builder ${wanted.builder} cannot be used: ${unfit}`);
    const image = wanted.builderImage;
    return {
        name: `module-release-${(0,external_node_crypto_.randomBytes)(6).toString('hex')}`,
        driver: 'docker-container',
        buildx,
        platforms: [],
        create: { reason: unfit, ...(image === undefined ? {} : { image }) },
    };
}
function docker(args, { exec }) {
    return exec.run({ file: 'docker', args, environment: 'full' });
}
function readInspected(result, name) {
    const present = result.exitCode === 0 ? parseInspect(result.stdout) : undefined;
    const said = [present?.error, ...(present?.nodes.map((node) => node.error) ?? []), result.stderr]
        .filter((text) => text !== undefined)
        .join('\n');
    if (present !== undefined && present.error === undefined && present.nodes.some(answers))
        return present;
    const about = dockerError(said);
    if (about !== undefined && name === undefined)
        throw about;
    const what = name === undefined ? 'the current builder' : `the builder ${name}`;
    throw new errors/* ReleaseError */.K2('BUILDER_UNFIT', `${what} cannot be used: ${said.trim().replace(/^ERROR: /, '') || 'docker buildx inspect shows no node'}`, {
        hint: 'Check `docker buildx ls`, name another `builder`, or leave it out.',
        cause: about,
    });
}
/** A node that is only asleep is started by the build. */
function answers(node) {
    return node.error === undefined;
}
/** The docker driver exports layouts only with the containerd image store; all other drivers can. */
async function whyUnfit(builder, ports) {
    if (builder.driver !== 'docker')
        return undefined;
    const node = builder.nodes[0];
    if (node?.labels['org.mobyproject.buildkit.worker.containerd.namespace'] !== undefined)
        return undefined;
    const endpoint = node?.endpoint ?? 'default';
    const context = endpoint === 'default' ? [] : ['--context', endpoint];
    const info = await docker([...context, 'info', '--format', '{{json .DriverStatus}}'], ports);
    if (info.stdout.includes('io.containerd.snapshotter'))
        return undefined;
    return 'docker runs without the containerd image store and cannot export OCI layouts';
}
function tellMissingPlatforms(wanted, present, builder, { log }) {
    if (present.length === 0)
        return;
    const missing = wanted.filter((text) => !present.some((other) => same(text, other)));
    if (missing.length === 0)
        return;
    log.info(`The builder ${builder} cannot run programs of ${missing.join(', ')}: steps that only copy files work, RUN steps need QEMU (docker/setup-qemu-action) or a node of that platform.`);
}
function same(a, b) {
    const [x, y] = [(0,model_descriptor/* parsePlatform */.FL)(a), (0,model_descriptor/* parsePlatform */.FL)(b)];
    return x !== undefined && y !== undefined && (0,model_descriptor/* samePlatform */.my)(x, y);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/disk.js

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** What nobody can know before the build is taken as this much per image and platform. */
const PER_PLATFORM = 256 * MIB;
const FLOOR = GIB;
/**
 * Free bytes that the staging store wants: what is known, twice (an archive is unpacked beside itself), and a guess for
 * what is built. An image with a parent of the set adds only its own layers, taken as half.
 */
function estimateDisk(needs) {
    const built = needs.images.reduce((sum, { platforms, parents }) => {
        const full = Math.max(1, platforms) * PER_PLATFORM;
        return sum + (parents > 0 ? full / 2 : full);
    }, 0);
    return Math.max(FLOOR, built + 2 * needs.known);
}
/** DISK_LOW with the numbers, or undefined when there is room. */
function diskProblem(folder, freeBytes, wanted) {
    if (freeBytes >= wanted)
        return undefined;
    return (0,errors/* problem */.CC)('DISK_LOW', `${folder} has ${inGib(freeBytes)} GiB free, and this release wants about ${inGib(wanted)} GiB for its staging store`);
}
function inGib(bytes) {
    return (bytes / GIB).toFixed(1);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/build/run.js








/**
 * Builds, in one bake call, the images of the plan that have a bake target and are neither adopted nor brought, into the
 * staging store. Gives those it built, in the plan's order. Throws BUILD_FAILED with the target named, DISK_LOW,
 * TOOL_MISSING, BUILDER_UNFIT.
 */
async function buildImages(spec, ports) {
    const { builder } = spec;
    const images = new Map(spec.plan.images.flatMap((planned) => planned.source.kind === 'bake' && !spec.adopted.has(planned.name)
        ? [[planned.source.target, planned]]
        : []));
    if (images.size === 0)
        return [];
    if (builder === undefined)
        throw new errors/* ReleaseError */.K2('INTERNAL', 'images to build and no builder');
    await ensureBuilder(builder, ports);
    return bakeImages({ ...spec, builder }, images, ports);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/preflight/adoption.js



/**
 * What the registry's state means for one image. Its own earlier work (this commit, this plan) is adopted: nothing is
 * rebuilt. Anything else under a required tag is refused. Images that are brought have no plan hash: their bytes decide
 * once they are here.
 */
function decideAdoption(image, revision, held) {
    const required = held.filter((tag) => tag.rule === 'required' && !(0,model_plan/* yieldsToRelease */.P4)(image, revision, tag));
    const first = required[0];
    if (first === undefined)
        return { do: 'build' };
    if (image.planHash === undefined)
        return { do: 'compare', held: required };
    const strangers = required.filter((tag) => !isOurs(tag, image, revision) || tag.digest !== first.digest);
    if (strangers.length === 0)
        return { do: 'adopt', from: { repository: first.ref.repository, digest: first.digest } };
    return { do: 'refuse', problems: strangers.map((tag) => refusal(tag, image, revision)) };
}
function isOurs(tag, image, revision) {
    return (tag.annotations[model_plan/* ANNOTATION */.YX.revision] === revision &&
        tag.annotations[model_plan/* ANNOTATION */.YX.planHash] === image.planHash);
}
function refusal(tag, image, revision) {
    const theirs = tag.annotations[model_plan/* ANNOTATION */.YX.revision] ?? 'an unknown revision';
    const why = isOurs(tag, image, revision)
        ? 'and another registry holds other bytes for the same release'
        : theirs === revision
            ? 'built from this commit by another definition, labels or platforms'
            : `from revision ${theirs}, and this release is revision ${revision}`;
    return (0,errors/* problem */.CC)('TAG_IMMUTABLE', `${(0,model_reference/* formatReference */.FH)(tag.ref)} already exists as ${tag.digest}, ${why}`);
}
/** The problems of a brought image whose immutable tag is held by other bytes. */
function compareBrought(held, digest) {
    return held
        .filter((tag) => tag.digest !== digest)
        .map((tag) => (0,errors/* problem */.CC)('TAG_IMMUTABLE', `${(0,model_reference/* formatReference */.FH)(tag.ref)} already exists as ${tag.digest}, and the image brought here is ${digest}`));
}
/** The immutable tags of an image at each of its repositories, which the preflight reads. */
function immutableRefs(image) {
    return image.tags.flatMap(({ tag, rule }) => rule === 'required' || rule === 'if-free'
        ? image.repositories.map((repository) => ({ ref: { repository, tag }, rule }))
        : []);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/preflight/run.js






/**
 * Looks at every registry of the plan before anything is built: may we push, and what do the immutable tags hold. All
 * problems come back together. `probe` allows an empty upload session, opened and deleted (never in a dry run).
 */
async function lookAtRegistries(plan, options, ports) {
    const rights = options.push ? checkRights(plan, options.probe, ports) : Promise.resolve([]);
    const [forbidden, states] = await Promise.all([
        rights,
        mapLimit(plan.images, 8, (image) => lookAtImage(image, plan, ports)),
    ]);
    const adoptions = new Map();
    const problems = [...forbidden];
    for (const [i, image] of plan.images.entries()) {
        const state = states[i];
        if (state === undefined)
            continue;
        if (state.do === 'refuse')
            problems.push(...state.problems);
        adoptions.set(image.name, state);
    }
    return { adoptions, problems: withoutRepeats(problems) };
}
async function checkRights(plan, probe, ports) {
    const repositories = distinctRepositories(plan.images.flatMap((image) => image.repositories));
    const found = await mapLimit(repositories, 8, async (repository) => {
        try {
            await ports.registry.checkPush(repository, probe);
            return [];
        }
        catch (error) {
            return (0,errors/* toReleaseError */.Tp)(error).problems;
        }
    });
    return found.flat();
}
async function lookAtImage(image, plan, ports) {
    try {
        const held = await mapLimit(immutableRefs(image), 4, async ({ ref, rule }) => {
            const manifest = await ports.registry.getManifest(ref);
            if (manifest === undefined)
                return [];
            const { annotations } = decodeManifest(manifest.bytes);
            return [{ ref, rule, digest: manifest.descriptor.digest, annotations }];
        });
        return decideAdoption(image, plan.revision, held.flat());
    }
    catch (error) {
        return { do: 'refuse', problems: (0,errors/* toReleaseError */.Tp)(error).problems };
    }
}
function distinctRepositories(repositories) {
    return [...new Map(repositories.map((r) => [(0,model_reference/* formatRepository */.Sh)(r), r])).values()];
}
/** A registry that is down says so for every image; once is enough. */
function withoutRepeats(problems) {
    return [...new Map(problems.map((p) => [`${p.code} ${p.message}`, p])).values()];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tools/catalogue.js

/**
 * What we know of the vendors' releases. A checksum stands here only when several independent public sources agree on
 * it; other versions need the input `tool-checksums`.
 */
const CATALOGUE = {
    trivy: {
        title: 'Trivy',
        repository: 'aquasecurity/trivy',
        versionArgs: ['--version'],
        versionPattern: /^Version: v?(\S+)/m,
        // The first one whose `image` and `fs` can both be told not to call home (--skip-version-check, --disable-telemetry).
        minimum: '0.64.0',
        // https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
        refused: ['0.69.4', '0.69.5', '0.69.6'],
        archive: (version, host) => {
            const os = { linux: 'Linux', darwin: 'macOS' }[host.os];
            const arch = { x64: '64bit', arm64: 'ARM64' }[host.arch];
            return os === undefined || arch === undefined ? undefined : `trivy_${version}_${os}-${arch}.tar.gz`;
        },
        checksums: {
            'trivy_0.69.3_Linux-64bit.tar.gz': '1816b632dfe529869c740c0913e36bd1629cb7688bd5634f4a858c1d57c88b75',
            'trivy_0.69.3_Linux-ARM64.tar.gz': '7e3924a974e912e57b4a99f65ece7931f8079584dae12eb7845024f97087bdfd',
            'trivy_0.69.3_macOS-64bit.tar.gz': 'fec4a9f7569b624dd9d044fca019e5da69e032700edbb1d7318972c448ec2f4e',
            'trivy_0.69.3_macOS-ARM64.tar.gz': 'a2f2179afd4f8bb265ca3c7aefb56a666bc4a9a411663bc0f22c3549fbc643a5',
            // The vendor withdrew the files of this release (github.com/aquasecurity/trivy/issues/10345); mirrors still have it.
            'trivy_0.67.2_Linux-64bit.tar.gz': '546511a5514afc813c0b72e4abeea2c16a32228a13a1e5114d927c190e76b1f9',
            'trivy_0.67.2_Linux-ARM64.tar.gz': 'e4f28390b06cdaaed94f8c49cce2c4c847938b5188aefdeb82453f2e933e57cb',
            'trivy_0.67.2_macOS-64bit.tar.gz': '4a5b936a8d89b508ecdc6edd65933b6fe3e9a368796cbdf917fd0df393f26542',
            'trivy_0.67.2_macOS-ARM64.tar.gz': '6b3163667f29fc608a2ed647c1bd42023af5779349286148190a168c5b3f28f1',
        },
    },
    syft: {
        title: 'Syft',
        repository: 'anchore/syft',
        versionArgs: ['--version'],
        versionPattern: /^syft v?(\S+)/m,
        // `syft scan`, `--source-name` and several `-o FORMAT=FILE` are part of the command line that 1.0 made stable.
        minimum: '1.0.0',
        refused: [],
        archive: (version, host) => {
            const arch = { x64: 'amd64', arm64: 'arm64' }[host.arch];
            const known = host.os === 'linux' || host.os === 'darwin';
            return arch === undefined || !known ? undefined : `syft_${version}_${host.os}_${arch}.tar.gz`;
        },
        checksums: {
            'syft_1.44.0_linux_amd64.tar.gz': '0e91737aee2b5baf1d255b959630194a302335d848ff97bb07921eb6205b5f5a',
            'syft_1.44.0_linux_arm64.tar.gz': '6f6cdcdc695721d91ce756e3b5bc3e3416599c464101f5e32e9c3f33054ee6d9',
            'syft_1.44.0_darwin_amd64.tar.gz': 'c40ece5407927327f94f35901727dbc604b46857e04f04ec94a310845fb71bde',
            'syft_1.44.0_darwin_arm64.tar.gz': '24e4d34078ae81da7c82539616f0ccac3e226cf4f74a38ce6fb3463619e50a55',
        },
    },
};
/** The version that a tool printed; undefined when it printed none. */
function printedVersion(name, output) {
    return (0,model_version/* parseVersion */.ot)(CATALOGUE[name].versionPattern.exec(output)?.[1] ?? '');
}
/** Undefined when the version may be run; else why not, as the end of a sentence. */
function unfitness(name, version) {
    const { minimum, refused } = CATALOGUE[name];
    if (refused.includes(version.raw))
        return 'a release made by an attacker';
    const oldest = (0,model_version/* parseVersion */.ot)(minimum);
    if (oldest !== undefined && (0,model_version/* compareVersions */.Zy)(version, oldest) < 0)
        return `older than ${minimum}`;
    return undefined;
}
/**
 * Where an archive may lie: with the vendor, or on a mirror, which may keep the vendor's paths (a proxy) or hold the files
 * side by side (a plain folder).
 */
function archiveUrls(name, version, file, mirror) {
    const path = `${CATALOGUE[name].repository}/releases/download/v${version}/${file}`;
    if (mirror === undefined)
        return [`https://github.com/${path}`];
    const base = mirror.replace(/\/+$/, '');
    return [`${base}/${path}`, `${base}/${file}`];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tools/ask-version.js



/** The version that the file tells when it is run; undefined when it does not run, or tells none. */
async function askVersion(name, path, ports) {
    try {
        const result = await ports.exec.run({
            file: path,
            args: CATALOGUE[name].versionArgs,
            // Not in the checkout: a trivy.yaml there is none of its business.
            cwd: (0,external_node_path_.dirname)(path),
            environment: 'minimal',
        });
        return result.exitCode === 0 ? printedVersion(name, result.stdout) : undefined;
    }
    catch (error) {
        if (error instanceof errors/* ReleaseError */.K2 && error.code === 'TOOL_MISSING')
            return undefined;
        throw error;
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tools/spec.js




/** `trivy-version` or `syft-version`. */
function pinnedVersion(spec) {
    const version = (0,model_version/* parseVersion */.ot)(spec.version.replace(/^v/, ''));
    if (version === undefined)
        throw new errors/* ReleaseError */.K2('INPUT_INVALID', `${spec.name}-version is no version: ${spec.version}`, {
            hint: `Write it like ${CATALOGUE[spec.name].minimum}.`,
        });
    return version;
}
/** The place in the runner's tool cache: the layout of @actions/tool-cache. Undefined without a tool cache. */
function cachePlace(spec) {
    if (spec.toolCache === undefined)
        return undefined;
    const folder = (0,external_node_path_.join)(spec.toolCache, spec.name, pinnedVersion(spec).raw, spec.host.arch);
    return { path: (0,external_node_path_.join)(folder, spec.name), marker: `${folder}.complete` };
}
/** Throws TOOL_UNVERIFIED for an attacker's release, TOOL_MISSING for one that is too old. `where` names it. */
function refuseUnfit(name, version, where) {
    const why = unfitness(name, version);
    if (why === undefined)
        return;
    const { title, minimum } = CATALOGUE[name];
    const message = `${title} ${version.raw} is ${why}: ${where}`;
    if (isRefused(name, version))
        throw new errors/* ReleaseError */.K2('TOOL_UNVERIFIED', message, {
            hint: 'If it ran on this machine, treat the machine as compromised: replace the tool, rotate every secret it could read.',
        });
    throw new errors/* ReleaseError */.K2('TOOL_MISSING', message, { hint: `Use ${title} ${minimum} or newer.` });
}
function isRefused(name, version) {
    return CATALOGUE[name].refused.includes(version.raw);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tools/download.js






/** The pinned version from the vendor or a mirror: nothing of it is opened or run before its SHA-256 was found right. */
async function downloadTool(spec, ports) {
    const { name } = spec;
    const version = pinnedVersion(spec);
    refuseUnfit(name, version, `${name}-version`);
    const { file, checksum } = expectedArchive(spec, version.raw);
    const folder = await ports.files.makeTempFolder(`tool-${name}`);
    const archive = (0,external_node_path_.join)(folder, file);
    const urls = archiveUrls(name, version.raw, file, spec.mirror);
    const from = await fetchVerified(urls, archive, checksum, spec, ports);
    await download_unpack(archive, folder, name, ports);
    const path = (0,external_node_path_.join)(folder, name);
    const told = await askVersion(name, path, ports);
    if (told?.raw !== version.raw)
        throw new errors/* ReleaseError */.K2('TOOL_UNVERIFIED', `${file} holds another version: ${told?.raw ?? 'it tells none'}`);
    return { name, version: version.raw, path: await download_keep(path, spec, ports), from };
}
function expectedArchive(spec, version) {
    const { title, archive, checksums } = CATALOGUE[spec.name];
    const install = `Install ${title} ${version}, or point \`${spec.name}-path\` at it.`;
    if (spec.offline)
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `${title} is not on this runner, and \`offline\` forbids a download`, {
            hint: install,
        });
    const file = archive(version, spec.host);
    if (file === undefined) {
        const host = `${spec.host.os}/${spec.host.arch}`;
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `${title} has no archive for ${host}`, { hint: install });
    }
    const checksum = spec.checksums[file] ?? checksums[file];
    if (checksum === undefined)
        throw new errors/* ReleaseError */.K2('TOOL_UNVERIFIED', `no SHA-256 is known for the download of ${title}: ${file}`, {
            hint: `Give it in \`tool-checksums\` (\`${file} <sha256>\`), or install ${title} and set \`${spec.name}-path\`.`,
        });
    return { file, checksum };
}
/** Tries the places in order and returns the one that had it. A file with other bytes is removed and never opened. */
async function fetchVerified(urls, archive, checksum, spec, ports) {
    for (const url of urls) {
        const digest = await ports.download.file(url, archive);
        if (digest === undefined)
            continue;
        if ((0,model_digest/* hexOf */.ZD)(digest) === checksum.toLowerCase())
            return url;
        await ports.files.remove(archive);
        throw new errors/* ReleaseError */.K2('TOOL_UNVERIFIED', `the download has another SHA-256 than expected: ${url} has ${(0,model_digest/* hexOf */.ZD)(digest)}, expected ${checksum}`, {
            hint: 'Do not use this file. Check `tools-mirror` and `tool-checksums`, or install the tool yourself.',
        });
    }
    throw new errors/* ReleaseError */.K2('TOOL_MISSING', `the download does not exist: ${urls.join(', ')}`, {
        hint: `Check \`${spec.name}-version\` and \`tools-mirror\`, or install it and set \`${spec.name}-path\`.`,
    });
}
/** Only the program itself leaves the archive. */
async function download_unpack(archive, folder, name, ports) {
    const result = await ports.exec.run({
        file: 'tar',
        args: ['-xzf', archive, '-C', folder, '-o', name],
        environment: 'minimal',
    });
    await ports.files.remove(archive);
    if (result.exitCode !== 0)
        throw new errors/* ReleaseError */.K2('TOOL_UNVERIFIED', `the archive cannot be unpacked: ${archive}: ${result.stderr.trim()}`);
}
/** Moves the tool into the runner's tool cache, so that the next job finds it; returns where it is now. */
async function download_keep(path, spec, ports) {
    const place = cachePlace(spec);
    if (place === undefined)
        return path;
    try {
        await ports.files.move(path, place.path);
        await ports.files.write(place.marker, '');
        return place.path;
    }
    catch (error) {
        ports.log.debug(`The tool cache cannot be written: ${String(error)}`);
        return (await ports.files.exists(path)) ? path : place.path;
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/tools/run.js





/**
 * A scanner that runs: the given path; else one on PATH that is fit; else the runner's tool cache; else a download of
 * the pinned version, run only after its SHA-256 was found right. Throws TOOL_MISSING or TOOL_UNVERIFIED.
 */
async function acquireTool(spec, ports) {
    const tool = spec.path === undefined
        ? ((await fromPath(spec, ports)) ??
            (await fromToolCache(spec, ports)) ??
            (await downloadTool(spec, ports)))
        : await given(spec, spec.path, ports);
    ports.log.info(`${CATALOGUE[spec.name].title} ${tool.version} comes from ${tool.from}.`);
    ports.log.debug(`${CATALOGUE[spec.name].title} runs from ${tool.path}.`);
    return tool;
}
async function given(spec, path, ports) {
    const { name } = spec;
    const version = await askVersion(name, path, ports);
    if (version === undefined)
        throw new errors/* ReleaseError */.K2('TOOL_MISSING', `${name}-path does not run as ${name}: ${path}`, {
            hint: `Point \`${name}-path\` at the executable file of ${CATALOGUE[name].title}.`,
        });
    refuseUnfit(name, version, path);
    return { name, version: version.raw, path, from: `${name}-path` };
}
async function fromPath(spec, ports) {
    const { name } = spec;
    const path = await ports.exec.which(name);
    if (path === undefined)
        return undefined;
    const version = await askVersion(name, path, ports);
    if (version !== undefined && isRefused(name, version))
        refuseUnfit(name, version, path);
    const why = version === undefined ? 'of no known version' : unfitness(name, version);
    if (version !== undefined && why === undefined)
        return { name, version: version.raw, path, from: 'PATH' };
    ports.log.info(`${CATALOGUE[name].title} on PATH is not used, because it is ${why}: ${path}.`);
    return undefined;
}
async function fromToolCache(spec, ports) {
    const { name } = spec;
    const place = cachePlace(spec);
    if (place === undefined || !(await ports.files.exists(place.marker)))
        return undefined;
    const version = await askVersion(name, place.path, ports);
    if (version === undefined || version.raw !== pinnedVersion(spec).raw)
        return undefined;
    refuseUnfit(name, version, place.path);
    return { name, version: version.raw, path: place.path, from: 'the tool cache' };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/preflight.js







/**
 * Everything that can be wrong is found at once, before the first minute: tools, builder, rights, tags. Throws one error
 * that holds all problems, the plan's included.
 */
async function preflight({ inputs, machine, parseYaml, reports }, { plan, build }, progress, ports) {
    const problems = [...plan.problems];
    const collect = async (work) => {
        try {
            return await work;
        }
        catch (error) {
            problems.push(...(0,errors/* toReleaseError */.Tp)(error).problems);
            return undefined;
        }
    };
    const { tools } = inputs;
    const tool = (name, version, path) => acquireTool({
        name,
        version,
        checksums: tools.checksums,
        offline: tools.offline,
        host: machine,
        ...(path === undefined ? {} : { path }),
        ...(tools.mirror === undefined ? {} : { mirror: tools.mirror }),
        ...(machine.toolCache === undefined ? {} : { toolCache: machine.toolCache }),
    }, ports);
    const needsSyft = inputs.gate.sbom.length > 0 && inputs.gate.sbomGenerator === 'syft';
    const [policy, trivy, syft, builder, state] = await Promise.all([
        collect(readPolicy(inputs.gate, parseYaml, ports)),
        collect(tool('trivy', tools.trivyVersion, tools.trivyPath)),
        needsSyft ? collect(tool('syft', tools.syftVersion, tools.syftPath)) : undefined,
        build === undefined ? undefined : collect(chooseBuilder(inputs.build, needsOf(plan), ports)),
        collect(lookAtRegistries(plan, lookOptions(plan), ports)),
    ]);
    problems.push(...(state?.problems ?? []), ...(await lookAtDisk(reports, plan, ports)));
    progress.note({
        ...(policy === undefined ? {} : { policy }),
        tools: [trivy, syft].filter((each) => each !== undefined),
    });
    if (problems.length > 0 || policy === undefined || trivy === undefined || state === undefined)
        throw (0,errors/* releaseErrorOf */.N2)(problems);
    return {
        state,
        policy,
        trivy,
        ...(syft === undefined ? {} : { syft }),
        ...(builder === undefined ? {} : { builder }),
    };
}
/** A push right is asked for when this run, or the run that a plan stands for, would push. */
function lookOptions(plan) {
    const push = (0,model_plan/* stepDecision */.R_)(plan, 'push').do;
    return { push: push !== 'skip', probe: push === 'run' };
}
function needsOf(plan) {
    const platforms = plan.images
        .filter((image) => image.source.kind === 'bake')
        .map((image) => image.platforms);
    return {
        platforms: [...new Set(platforms.flat().map((p) => (0,model_descriptor/* formatPlatform */.Bq)(p)))],
        multiPlatform: platforms.some((each) => each.length > 1),
    };
}
async function lookAtDisk(folder, plan, ports) {
    const images = plan.images.map(({ platforms, parents }) => ({
        platforms: platforms.length,
        parents: parents.length,
    }));
    const wanted = estimateDisk({ images, known: 0 });
    const found = diskProblem(folder, await ports.files.freeBytes(folder), wanted);
    return found === undefined || (0,model_plan/* stepDecision */.R_)(plan, 'build').do !== 'run' ? [] : [found];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/stage.js






/**
 * Every image of the plan in the staging store, in the plan's order: adopted from the registry, brought by the user, or
 * built. Adopted ones come first, because images that are still to be built may stand on them.
 */
async function stageImages(start, studied, ready, ports) {
    await checkSources(start, ready, ports);
    const store = { root: await ports.files.makeTempFolder('stage') };
    const here = [
        ...(await adoptAll(studied, ready, store, ports)),
        ...(await bringAll(studied, ready, store, ports)),
    ];
    const built = await buildAll(start, studied, ready, store, here, ports);
    const staged = new Map([...here, ...built].map((image) => [image.planned.name, image]));
    return studied.plan.images.map((planned) => {
        const image = staged.get(planned.name);
        if (image === undefined)
            throw new errors/* ReleaseError */.K2('INTERNAL', `an image was not staged: ${planned.name}`);
        return image;
    });
}
/** Folders that `source-secrets` names are looked through before anything is built from them. */
async function checkSources({ inputs }, { trivy, policy }, ports) {
    const { sourceSecrets, timeoutSeconds } = inputs.gate;
    if (sourceSecrets.length === 0)
        return;
    const found = await scanSources(sourceSecrets, { trivy, timeoutSeconds }, ports);
    const verdict = decideSources(policy, found, ports.clock.now());
    if (!verdict.passed)
        throw gateError(verdict);
}
async function adoptAll({ plan }, { state }, store, ports) {
    const adopted = await mapLimit(plan.images, 2, async (planned) => {
        const adoption = state.adoptions.get(planned.name);
        return adoption?.do === 'adopt' ? [await adoptImage(planned, adoption.from, store, ports)] : [];
    });
    return adopted.flat();
}
/** Brought bytes have no plan hash: an immutable tag that is there already must hold these very bytes. */
async function bringAll({ plan }, { state }, store, ports) {
    const brought = [];
    for (const planned of plan.images) {
        if (planned.source.kind === 'bake')
            continue;
        const image = await bringImage(planned, store, ports);
        const adoption = state.adoptions.get(planned.name);
        const problems = adoption?.do === 'compare' ? compareBrought(adoption.held, image.top.digest) : [];
        if (problems.length > 0)
            throw (0,errors/* releaseErrorOf */.N2)(problems);
        brought.push(image);
    }
    return brought;
}
async function buildAll({ inputs }, { plan, build, secretEnv }, { builder }, store, here, ports) {
    if (build === undefined)
        return [];
    return buildImages({
        plan,
        build,
        store,
        secretEnv,
        inputs: inputs.build,
        adopted: new Map(here.map((image) => [image.planned.name, image])),
        workspace: inputs.workspace,
        cwd: inputs.workingDirectory,
        ...(builder === undefined ? {} : { builder }),
    }, ports);
}

// EXTERNAL MODULE: external "node:path/posix"
var posix_ = __webpack_require__(3916);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/build-options.js
/** Secrets go in by environment variables whose names say nothing. */
function buildSecrets(build) {
    const values = Object.entries(build.secrets).map(([id, value], i) => ({
        id,
        env: `MODULE_RELEASE_SECRET_${i}`,
        value,
    }));
    return {
        entries: [
            ...values.map(({ id, env }) => ({ type: 'env', id, env })),
            ...Object.entries(build.secretFiles).map(([id, src]) => ({ type: 'file', id, src })),
        ],
        env: Object.fromEntries(values.map(({ env, value }) => [env, value])),
    };
}
/** A cache that cannot be written never fails a build. https://docs.docker.com/build/cache/backends/ */
function cacheTo(entry, scope) {
    const spec = build_options_withScope(entry, scope);
    return /(?:^|,)ignore-error=/.test(spec) || spec.startsWith('type=inline')
        ? spec
        : `${spec},ignore-error=true`;
}
/** Images that share one `type=gha` scope would overwrite each other's cache, so each gets its own. */
function build_options_withScope(entry, scope) {
    const spec = entry.includes('=') ? entry : `type=registry,ref=${entry}`;
    const wantsScope = scope !== undefined && /(?:^|,)type=gha(?:,|$)/.test(spec) && !/(?:^|,)scope=/.test(spec);
    return wantsScope ? `${spec},scope=${scope}` : spec;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/bake-document.js





const TARGET_PREFIX = 'target:';
const UNNAMED = 'image';
/**
 * The bake file for images that the inputs declare: relative paths in it count from the working directory, which must be
 * the folder that buildx runs in. Undefined when the user has a bake file, or nothing is built here.
 * Labels, annotations and outputs come later, by the build's override. https://docs.docker.com/build/bake/reference/
 */
function bake_document_bakeDocument(inputs) {
    const { definition } = inputs.build;
    if (definition.kind === 'bake-file')
        return undefined;
    const ids = bakeTargets(definition.images);
    const built = definition.images.flatMap((image, i) => {
        const id = ids[i];
        return id === undefined ? [] : [{ image, id }];
    });
    if (built.length === 0)
        return undefined;
    const idOf = new Map(built.flatMap(({ image: { name }, id }) => (name === undefined ? [] : [[name, id]])));
    const target = Object.fromEntries(built.map(({ image, id }) => [
        id,
        { ...ownFields(image, inputs, idOf), ...sharedFields(inputs.build, built.length > 1 ? id : undefined) },
    ]));
    return { group: { default: { targets: built.map(({ id }) => id) } }, target };
}
/** The target of each image, in order; undefined for images that are brought. Bake allows [a-zA-Z0-9_-] only. */
function bakeTargets(images) {
    // `default` is the name of the group.
    const taken = new Set(['default']);
    return images.map((image) => {
        if (image.from !== undefined)
            return undefined;
        const wanted = (image.name ?? UNNAMED).replace(/[^a-zA-Z0-9_-]/g, '-');
        let id = wanted;
        for (let i = 2; taken.has(id); i += 1)
            id = `${wanted}-${i}`;
        taken.add(id);
        return id;
    });
}
/** `contexts` that name a brought image: it is no target of the graph. The door has checked all other names. */
function checkContexts(images) {
    const brought = new Set(images.filter((image) => image.from !== undefined).map(({ name }) => name));
    return images.flatMap((image) => Object.entries(image.contexts).flatMap(([key, value]) => {
        const parent = parentOf(value);
        if (parent === undefined || !brought.has(parent))
            return [];
        const what = `contexts.${key} of the image ${image.name ?? UNNAMED} names an image that is not built here: ${value}`;
        const hint = `${parent} is brought by \`from\`: name its bytes as docker-image:// or oci-layout:// instead.`;
        return [(0,errors/* problem */.CC)('INPUT_INVALID', what, hint)];
    }));
}
function ownFields(image, inputs, idOf) {
    const platforms = image.platforms.length > 0 ? image.platforms : inputs.build.platforms;
    const contexts = mapValues(image.contexts, (value) => {
        const parent = parentOf(value);
        const id = parent === undefined ? undefined : idOf.get(parent);
        return id === undefined ? value : `${TARGET_PREFIX}${id}`;
    });
    const dockerfile = image.file === undefined ? undefined : dockerfileOf(inputs, image.context, image.file);
    return {
        context: bakeText(image.context),
        ...(dockerfile === undefined ? {} : { dockerfile: bakeText(dockerfile) }),
        ...(image.target === undefined ? {} : { target: bakeText(image.target) }),
        ...(platforms.length === 0 ? {} : { platforms: platforms.map(model_descriptor/* formatPlatform */.Bq) }),
        ...(isEmpty(image.args) ? {} : { args: literals(image.args) }),
        ...(isEmpty(contexts) ? {} : { contexts: literals(contexts) }),
    };
}
function sharedFields(build, scope) {
    const secrets = buildSecrets(build).entries.map(literals);
    const from = build.cacheFrom.map((entry) => bakeText(build_options_withScope(entry, scope)));
    const to = build.cacheTo.map((entry) => bakeText(cacheTo(entry, scope)));
    return {
        ...(secrets.length === 0 ? {} : { secret: secrets }),
        ...(build.ssh.length === 0 ? {} : { ssh: build.ssh.map(bakeText) }),
        ...(build.network === undefined ? {} : { network: build.network }),
        ...(build.noCache ? { 'no-cache': true } : {}),
        ...(build.pull ? { pull: true } : {}),
        ...(from.length === 0 ? {} : { 'cache-from': from }),
        ...(to.length === 0 ? {} : { 'cache-to': to }),
    };
}
/**
 * docker/build-push-action's `file` counts from the working directory, bake's `dockerfile` from a local context; in a
 * remote context both count from its root. https://docs.docker.com/build/bake/reference/#targetdockerfile
 */
function dockerfileOf({ workingDirectory }, context, file) {
    if (isRemote(context) || file.startsWith('/'))
        return file;
    return (0,posix_.relative)((0,posix_.resolve)(workingDirectory, context), (0,posix_.resolve)(workingDirectory, file));
}
/** What buildx takes for a Git or http context. */
function isRemote(context) {
    return /^(?:https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);
}
function parentOf(context) {
    return context.startsWith(TARGET_PREFIX) ? context.slice(TARGET_PREFIX.length) : undefined;
}
function literals(record) {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [bakeText(key), bakeText(value)]));
}
function mapValues(record, change) {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
function isEmpty(record) {
    return Object.keys(record).length === 0;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/event.js

/**
 * Events that run with the rights of the base repository although other people start them. They may release their own
 * commit only. https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
 */
const PRIVILEGED = new Set(['pull_request_target', 'workflow_run', 'issue_comment']);
const TAGS = 'refs/tags/';
const BRANCHES = 'refs/heads/';
const PULLS = 'refs/pull/';
function readEvent(context, facts) {
    const kind = kindOf(context);
    const problems = [
        ...(kind === undefined ? [unknownRef(context)] : []),
        ...checkCommit(context, facts, kind),
    ];
    const planned = plannedCommits(context, kind);
    const revision = facts.head !== undefined && planned.includes(facts.head) ? facts.head : context.sha;
    return { kind: kind ?? 'branch', revision, problems };
}
/** `v1.2.3` of `refs/tags/v1.2.3`. */
function tagOf(context) {
    return context.ref.startsWith(TAGS) ? context.ref.slice(TAGS.length) : undefined;
}
/** `main` of `refs/heads/main`. */
function branchOf(context) {
    return context.ref.startsWith(BRANCHES) ? context.ref.slice(BRANCHES.length) : undefined;
}
function kindOf(context) {
    const { eventName, ref } = context;
    // A merge queue builds a commit that may never reach the branch: gated like a pull request.
    if (eventName === 'merge_group')
        return 'pull-request';
    if (eventName === 'pull_request' || ref.startsWith(PULLS))
        return isFork(context) ? 'fork' : 'pull-request';
    if (ref.startsWith(TAGS))
        return 'tag';
    if (!ref.startsWith(BRANCHES))
        return undefined;
    if (eventName === 'schedule')
        return 'schedule';
    return eventName === 'workflow_dispatch' || eventName === 'repository_dispatch' ? 'dispatch' : 'branch';
}
/** A deleted fork has no head repository; then, and when the event does not tell, we take the careful answer. */
function isFork(context) {
    return context.pullRequest?.headRepository?.toLowerCase() !== context.repository.toLowerCase();
}
function plannedCommits(context, kind) {
    const head = context.pullRequest?.headSha;
    const isPullRequest = kind === 'pull-request' || kind === 'fork';
    return isPullRequest && head !== undefined ? [context.sha, head] : [context.sha];
}
function checkCommit(context, facts, kind) {
    const { head } = facts;
    const planned = plannedCommits(context, kind);
    if (head === undefined) {
        return [
            (0,errors/* problem */.CC)('COMMIT_MISMATCH', `the workspace is no git checkout, and the commit of the event is ${context.sha}`, 'Run actions/checkout before this step.'),
        ];
    }
    if (planned.includes(head))
        return [];
    if (PRIVILEGED.has(context.eventName)) {
        return [
            (0,errors/* problem */.CC)('EVENT_REFUSED', `the event ${context.eventName} has the checkout at ${head}, and its own commit is ${context.sha}`),
        ];
    }
    return [
        (0,errors/* problem */.CC)('COMMIT_MISMATCH', `the checkout is at ${head}, and the commit of the event is ${planned.join(' or ')}`),
    ];
}
function unknownRef(context) {
    return (0,errors/* problem */.CC)('INPUT_INVALID', `the ref of the event ${context.eventName} is no tag, branch or pull request: ${context.ref}`, 'Start the workflow by a push, a release, a schedule, a dispatch or a pull request.');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/date-format.js
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const date_format_DAY_MS = 86_400_000;
/** Short forms that stand for a whole format, in English. */
const MACROS = {
    LTS: 'h:mm:ss A',
    LT: 'h:mm A',
    L: 'MM/DD/YYYY',
    LL: 'MMMM D, YYYY',
    LLL: 'MMMM D, YYYY h:mm A',
    LLLL: 'dddd, MMMM D, YYYY h:mm A',
};
const date_format_TOKEN = /\[([^\]]*)\]|LTS?|L{1,4}|[MDQdWw]o|DDDo|M{1,4}|D{1,4}|d{1,4}|YYYY|YY|Y|gggg|gg|GGGG|GG|W{1,2}|w{1,2}|Q|E|e|H{1,2}|h{1,2}|k{1,2}|m{1,2}|s{1,2}|S{1,9}|Z{1,2}|A|a|X|x/g;
/**
 * A date by its moment.js format in an IANA time zone, as docker/metadata-action renders `{{date}}`.
 * https://momentjs.com/docs/#/displaying/format/
 */
function formatDate(date, format, timeZone) {
    const offset = zoneOffset(date, timeZone);
    if (offset === undefined)
        return { fault: `unknown time zone ${timeZone}; write one like Europe/Berlin` };
    // The wall clock of the zone, read with the UTC getters.
    const wall = new Date(date.getTime() + offset * 60_000);
    const expanded = format.replace(date_format_TOKEN, (token) => MACROS[token] ?? token);
    return expanded.replace(date_format_TOKEN, (token, literal) => literal === undefined ? render(token, wall, date, offset) : literal);
}
/** Minutes east of UTC; undefined when there is no such zone. */
function zoneOffset(date, timeZone) {
    try {
        const parts = new Intl.DateTimeFormat('en-US', {
            timeZone,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
        }).formatToParts(date);
        const part = (type) => Number(parts.find((p) => p.type === type)?.value);
        const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
        return Math.round((wall - Math.floor(date.getTime() / 1000) * 1000) / 60_000);
    }
    catch {
        return undefined;
    }
}
function render(token, wall, date, offset) {
    if (token.endsWith('o'))
        return ordinal(Number(render(token.slice(0, -1), wall, date, offset)));
    const hour = wall.getUTCHours();
    switch (token[0]) {
        case 'Y':
            return token === 'YY' ? pad(wall.getUTCFullYear() % 100, 2) : pad(wall.getUTCFullYear(), token.length);
        case 'M':
            return date_format_named(token, wall.getUTCMonth() + 1, MONTHS[wall.getUTCMonth()]);
        case 'D':
            return token.length > 2
                ? pad(dayOfYear(wall), token.length === 4 ? 3 : 1)
                : pad(wall.getUTCDate(), token.length);
        case 'd':
            return weekday(token, wall.getUTCDay());
        case 'Q':
            return String(Math.floor(wall.getUTCMonth() / 3) + 1);
        case 'E':
            return String(wall.getUTCDay() || 7);
        case 'e':
            return String(wall.getUTCDay());
        case 'G':
        case 'W':
            return week(token, wall, 4);
        case 'g':
        case 'w':
            return week(token, wall, 6);
        case 'H':
            return pad(hour, token.length);
        case 'h':
            return pad(hour % 12 || 12, token.length);
        case 'k':
            return pad(hour || 24, token.length);
        case 'm':
            return pad(wall.getUTCMinutes(), token.length);
        case 's':
            return pad(wall.getUTCSeconds(), token.length);
        case 'S':
            return pad(wall.getUTCMilliseconds(), 3).padEnd(9, '0').slice(0, token.length);
        case 'A':
            return hour < 12 ? 'AM' : 'PM';
        case 'a':
            return hour < 12 ? 'am' : 'pm';
        case 'Z':
            return zone(offset, token === 'Z' ? ':' : '');
        case 'X':
            return String(Math.floor(date.getTime() / 1000));
        case 'x':
            return String(date.getTime());
        default:
            return token;
    }
}
function date_format_named(token, number, name = '') {
    if (token.length <= 2)
        return pad(number, token.length);
    return token.length === 3 ? name.slice(0, 3) : name;
}
function weekday(token, day) {
    const name = DAYS[day] ?? '';
    if (token.length === 1)
        return String(day);
    return token.length === 4 ? name : name.slice(0, token.length);
}
/** A week belongs to the year of its `anchor` day: Thursday (4) by ISO 8601, Saturday (6) in the English calendar. */
function week(token, wall, anchor) {
    const position = anchor === 4 ? wall.getUTCDay() || 7 : wall.getUTCDay();
    const day = new Date(wall.getTime() + (anchor - position) * date_format_DAY_MS);
    if (/^[Gg]/.test(token))
        return pad(token.length === 2 ? day.getUTCFullYear() % 100 : day.getUTCFullYear(), token.length);
    return pad(Math.floor((dayOfYear(day) - 1) / 7) + 1, token.length);
}
function dayOfYear(date) {
    const start = Date.UTC(date.getUTCFullYear(), 0, 1);
    return Math.floor((date.getTime() - start) / date_format_DAY_MS) + 1;
}
function ordinal(number) {
    const teens = number % 100 >= 11 && number % 100 <= 13;
    const suffix = teens ? undefined : ['th', 'st', 'nd', 'rd'][number % 10];
    return `${number}${suffix ?? 'th'}`;
}
function zone(offset, colon) {
    const minutes = Math.abs(offset);
    return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${colon}${pad(minutes % 60, 2)}`;
}
function pad(number, width) {
    return String(number).padStart(width, '0');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/expressions.js


/** What `{{…}}` may name in tags, labels and annotations. https://github.com/docker/metadata-action#global-expressions */
function globalHelpers(context, facts, revision) {
    const branch = branchOf(context);
    const defaultBranch = context.defaultBranch ?? facts.about.defaultBranch;
    const isDefault = branch !== undefined && branch === defaultBranch;
    const committed = facts.commitEpoch === undefined ? facts.now : new Date(facts.commitEpoch * 1000);
    return {
        branch: () => branch ?? '',
        tag: () => tagOf(context) ?? '',
        sha: () => shortSha(revision),
        base_ref: () => baseRef(context),
        is_default_branch: () => String(isDefault),
        is_not_default_branch: () => String(!isDefault),
        date: (format, options) => formatDate(facts.now, format ?? '', options.tz ?? 'UTC'),
        commit_date: (format, options) => formatDate(committed, format ?? '', options.tz ?? 'UTC'),
    };
}
function shortSha(revision) {
    return revision.slice(0, 7);
}
function baseRef(context) {
    if (tagOf(context) !== undefined)
        return context.baseRef?.replace(/^refs\/heads\//, '') ?? '';
    return branchOf(context) === undefined ? (context.pullRequest?.baseRef ?? '') : '';
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/hash.js

/** How a build is run and where it goes, not what it makes. `name` and `contexts` are hashed in their own way. */
const WITHOUT_BYTES = new Set([
    'output',
    'outputs',
    'tags',
    'cache-from',
    'cache-to',
    'no-cache',
    'no-cache-filter',
    'pull',
    'call',
    'description',
    'entitlements',
    'inherits',
    'name',
    'contexts',
    'secret',
    'ssh',
]);
/**
 * A hash over only what shapes the bytes of an image, by which a re-run knows its own earlier work: never the event,
 * tags, times, secret values or paths of this machine.
 */
function planHash(target, scope) {
    return hashTarget(target, scope, []);
}
function hashTarget(name, scope, path) {
    const target = scope.build.targets[name];
    // Bake refuses cycles; a hash must end all the same.
    if (target === undefined || path.includes(name))
        return `target:${name}`;
    const image = scope.images.get(name);
    const shape = {
        definition: definitionOf(target),
        contexts: contextsOf(target, scope, [...path, name]),
        secrets: idsOf(target.definition.secret),
        ssh: idsOf(target.definition.ssh),
        labels: image?.labels ?? {},
        annotations: image?.annotations ?? {},
        platforms: image?.platforms ?? target.platforms,
        revision: scope.revision,
        sourceDateEpoch: scope.sourceDateEpoch,
    };
    return (0,model_digest/* digestOf */.ol)(canonicalJson(withoutWorkspace(shape, scope.workspace)));
}
function definitionOf(target) {
    return Object.fromEntries(Object.entries(target.definition).filter(([key]) => !WITHOUT_BYTES.has(key)));
}
/** A parent counts by its own hash; parents that the definition does not spell out are counted as well. */
function contextsOf(target, scope, path) {
    const { contexts } = target.definition;
    const named = isRecord(contexts) ? contexts : {};
    const spelled = Object.entries(named).map(([key, value]) => {
        const parent = typeof value === 'string' && value.startsWith('target:') ? value.slice(7) : undefined;
        return [key, parent === undefined ? value : hashTarget(parent, scope, path)];
    });
    const rest = target.parents.filter((parent) => !Object.values(named).includes(`target:${parent}`));
    return { ...Object.fromEntries(spelled), '': rest.map((parent) => hashTarget(parent, scope, path)) };
}
/** `{id, env}`, `{id, src}` or `id=x,src=y`: only the id is the same on every machine. */
function idsOf(entries) {
    if (!Array.isArray(entries))
        return [];
    return entries.map(hash_idOf).toSorted();
}
function hash_idOf(entry) {
    if (isRecord(entry))
        return String(entry.id ?? '');
    const text = String(entry);
    return /(?:^|,)id=([^,]*)/.exec(text)?.[1] ?? text.split('=')[0] ?? '';
}
function withoutWorkspace(value, workspace) {
    if (typeof value === 'string')
        return relativeText(value, workspace);
    if (Array.isArray(value))
        return value.map((item) => withoutWorkspace(item, workspace));
    if (!isRecord(value))
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutWorkspace(item, workspace)]));
}
function relativeText(text, workspace) {
    if (workspace.length < 2)
        return text;
    const escaped = workspace.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return text.replace(new RegExp(`(?<![\\w.-])${escaped}(?![\\w.-])`, 'g'), '.');
}
/** JSON with sorted keys: equal values have equal texts. */
function canonicalJson(value) {
    return JSON.stringify(value, (_key, item) => isRecord(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : item);
}
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/names.js


function readDestination(names, context) {
    const namespace = names.namespace ?? context.owner.toLowerCase();
    const destination = { registries: names.registries, namespace };
    if (namespace === '' || (0,model_reference/* isRepositoryPath */.og)(namespace))
        return { destination, problems: [] };
    const corrected = namespace.split('/').map(correctName).filter(Boolean).join('/');
    const what = `the namespace is not valid in an image reference: ${namespace} (corrected: ${corrected})`;
    return { destination, problems: [(0,errors/* problem */.CC)('INPUT_INVALID', what, `Set \`namespace\` to ${corrected}.`)] };
}
/** One repository for each registry, the required one first; those that cannot be spelled are left out. */
function repositoriesOf(destination, name) {
    const path = destination.namespace === '' ? name : `${destination.namespace}/${name}`;
    return destination.registries.flatMap((registry) => (0,model_reference/* repositoryOf */._M)(registry, path) ?? []);
}
/** The name of the one image that has none of its own. `image` is what stood in place of the prefix's star. */
function defaultName(inputs, context, facts, image) {
    if (inputs.names.image !== undefined)
        return { name: inputs.names.image, from: 'the input image' };
    if (image !== undefined)
        return { name: image, from: 'the git tag' };
    const manifest = inputs.version.manifest === 'false' ? undefined : facts.manifest;
    if (manifest?.name !== undefined) {
        return { name: manifest.name, from: `name of ${manifest.path}`, at: { file: manifest.path } };
    }
    const folder = folderOf(inputs.version.tagPrefix);
    if (folder !== undefined)
        return { name: folder, from: 'the input tag-prefix' };
    // GitHub keeps the case that people typed; a registry knows lower case only.
    const repository = context.repository.slice(context.repository.indexOf('/') + 1).toLowerCase();
    return { name: repository, from: 'the repository' };
}
/** `api` of `services/api/v`; the prefix and not the tag decides, so that branches have the same name. */
function folderOf(prefix) {
    const folder = prefix.split('/').at(-2);
    return folder === undefined || folder === '' || folder.includes('*') ? undefined : folder;
}
/** Names are one path component: they are also keys in outputs and file names. */
function names_checkName({ name, from, at }) {
    if ((0,model_reference/* isRepositoryPath */.og)(name) && !name.includes('/') && name.length <= 128)
        return [];
    const corrected = correctName(name) || 'image';
    const what = `the image name from ${from} is not valid: ${name} (corrected: ${corrected})`;
    const hint = name.includes('/')
        ? `Use ${corrected}, and put the folders before it into \`namespace\`.`
        : `Use ${corrected}, or set \`image\`.`;
    return [{ ...(0,errors/* problem */.CC)('INPUT_INVALID', what, hint), ...(at === undefined ? {} : { at }) }];
}
/** The nearest valid path component; empty when nothing is left. */
function correctName(name) {
    return name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/[._-]{2,}/g, (run) => (/^(?:__|-+)$/.test(run) ? run : '-'))
        .replace(/^[._-]+|[._-]+$/g, '')
        .slice(0, 128)
        .replace(/[._-]+$/, '');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/images.js




/**
 * The image set: the selected targets of a bake file, or the declared images. `image` is what stood in place of the
 * star of the tag's prefix: of a declared set it chooses that one.
 */
function draftImages(inputs, context, facts, image) {
    const { definition } = inputs.build;
    const named = definition.kind === 'bake-file'
        ? bakedImages(definition, inputs, facts)
        : declaredImages(definition, inputs, context, facts, image);
    const isSet = definition.kind === 'bake-file' || definition.images.every((one) => one.name !== undefined);
    const chosen = image !== undefined && isSet ? named.filter(({ draft }) => draft.name === image) : named;
    const images = chosen.map(({ draft }) => draft);
    return {
        images: images.map((draft) => ({
            ...draft,
            parents: draft.parents.filter((parent) => images.some(({ name }) => name === parent)),
        })),
        problems: [
            ...named.flatMap(({ source, problems }) => [...names_checkName(source), ...problems]),
            ...duplicates(named),
            ...(chosen.length === 0 && named.length > 0 ? [notInSet(image ?? '', named)] : []),
        ],
    };
}
function bakedImages(definition, inputs, facts) {
    const nameOf = (target) => definition.names[target] ?? target;
    return (facts.build?.selected ?? []).map((target) => {
        const name = nameOf(target);
        const from = name === target ? 'the bake target' : `the bake target ${target}`;
        const resolved = facts.build?.targets[target];
        const { platforms, problems } = platformsOf(name, resolved);
        const draft = {
            name,
            source: { kind: 'bake', target },
            platforms: platforms.length > 0 ? platforms : inputs.build.platforms,
            labels: resolved?.labels ?? {},
            parents: parentsOf(target, facts).map(nameOf),
        };
        return { source: { name, from }, draft, problems };
    });
}
function declaredImages(definition, inputs, context, facts, image) {
    const targets = bakeTargets(definition.images);
    const sources = definition.images.map(({ name }) => name === undefined ? defaultName(inputs, context, facts, image) : { name, from: 'the config' });
    const nameOf = new Map(targets.map((target, i) => [target, sources[i]?.name]));
    return definition.images.flatMap((declared, i) => {
        const source = sources[i];
        if (source === undefined)
            return [];
        const target = targets[i];
        const draft = {
            name: source.name,
            source: declared.from ?? { kind: 'bake', target: target ?? source.name },
            platforms: declared.platforms.length > 0 ? declared.platforms : inputs.build.platforms,
            labels: declared.labels,
            parents: target === undefined ? [] : parentsOf(target, facts).flatMap((parent) => nameOf.get(parent) ?? []),
        };
        return [{ source, draft, problems: [] }];
    });
}
/** The selected targets below a target; a helper target between two images is looked through. */
function parentsOf(target, facts) {
    const selected = new Set(facts.build?.selected ?? []);
    const found = new Set();
    const seen = new Set([target]);
    const open = [...(facts.build?.targets[target]?.parents ?? [])];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
        if (seen.has(next))
            continue;
        seen.add(next);
        if (selected.has(next))
            found.add(next);
        else
            open.push(...(facts.build?.targets[next]?.parents ?? []));
    }
    return [...found];
}
function platformsOf(name, target) {
    const texts = target?.platforms ?? [];
    const platforms = texts.flatMap((text) => (0,model_descriptor/* parsePlatform */.FL)(text) ?? []);
    const problems = texts
        .filter((text) => (0,model_descriptor/* parsePlatform */.FL)(text) === undefined)
        .map((text) => (0,errors/* problem */.CC)('INPUT_INVALID', `a platform of the image ${name} is not of the form os/architecture[/variant]: ${text}`));
    // linux/arm64 and linux/arm64/v8 are one platform.
    const distinct = new Map(platforms.map((platform) => [(0,model_descriptor/* formatPlatform */.Bq)(platform), platform]));
    return { platforms: [...distinct.values()], problems };
}
function duplicates(named) {
    const names = named.map(({ draft }) => draft.name);
    return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map((name) => (0,errors/* problem */.CC)('INPUT_INVALID', `two images have the same name: ${name}`, 'Give each image a name of its own.'));
}
function notInSet(image, named) {
    const names = named.map(({ draft }) => draft.name).join(', ');
    return (0,errors/* problem */.CC)('INPUT_INVALID', `the git tag names no image of the set: ${image}`, `Tag with the name of one of ${names}.`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/template.js
const EXPRESSION = /\{\{\{?\s*([\s\S]*?)\s*\}?\}\}/g;
const template_TOKEN = /(?:([A-Za-z_]\w*)=)?(?:'([^']*)'|"([^"]*)"|([^\s'"=]+))(?=\s|$)/y;
function isFault(value) {
    return typeof value === 'object' && value !== null && 'fault' in value;
}
/**
 * Replaces the Handlebars expressions that docker/metadata-action knows. An expression without a helper is a fault, or
 * is left as written with `unknown: 'keep'` (labels may hold templates of other tools).
 * https://github.com/docker/metadata-action#global-expressions
 */
function renderTemplate(text, helpers, unknown = 'fault') {
    let fault;
    const rendered = text.replace(EXPRESSION, (whole, inner) => {
        const value = renderExpression(inner, helpers);
        if (value === undefined && unknown === 'keep')
            return whole;
        const result = value ?? { fault: `unknown expression ${whole}; known are ${knownNames(helpers)}` };
        if (!isFault(result))
            return result;
        fault ??= result;
        return '';
    });
    return fault ?? rendered;
}
/** Undefined when no helper has this name, or the expression has another form. */
function renderExpression(inner, helpers) {
    const name = /^[A-Za-z_]\w*(?=\s|$)/.exec(inner)?.[0];
    if (name === undefined || !Object.hasOwn(helpers, name))
        return undefined;
    const words = readWords(inner.slice(name.length));
    if (words === undefined)
        return undefined;
    return helpers[name]?.(words.argument, words.options);
}
function readWords(text) {
    const options = {};
    let argument;
    let at = 0;
    while (at < text.length) {
        if (/\s/.test(text.charAt(at))) {
            at += 1;
            continue;
        }
        template_TOKEN.lastIndex = at;
        const match = template_TOKEN.exec(text);
        if (match === null)
            return undefined;
        const value = match[2] ?? match[3] ?? match[4] ?? '';
        if (match[1] !== undefined)
            options[match[1]] = value;
        else
            argument ??= value;
        at = template_TOKEN.lastIndex;
    }
    return { argument, options };
}
function knownNames(helpers) {
    return Object.keys(helpers)
        .map((name) => `{{${name}}}`)
        .join(', ');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/labels.js




const OCI = 'org.opencontainers.image.';
/** A re-run knows its own images by these. */
const RESERVED = [model_plan/* ANNOTATION */.YX.revision, model_plan/* ANNOTATION */.YX.planHash];
/**
 * The predefined keys of the image spec, and what the user sets; the user's values win, those of the one image first.
 * Annotations are the same on the index and on the manifests, so that every registry's page finds them.
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
 */
function metadataOf(image, source) {
    const defaults = defaultLabels(image.name, source);
    const labels = { ...defaults, ...source.user.labels, ...image.labels };
    // A title that the user gives as a label is the image's title as an annotation, too.
    const base = Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith(OCI)));
    const own = (level) => ({
        ...base,
        ...Object.fromEntries(source.user.annotations
            .filter(({ levels }) => levels.length === 0 || levels.includes(level))
            .map(({ key, value }) => [key, value])),
        [model_plan/* ANNOTATION */.YX.revision]: source.revision,
    });
    return { labels, annotations: { index: own('index'), manifest: own('manifest') } };
}
function defaultLabels(name, source) {
    const { about, context, version } = source;
    const url = `${context.serverUrl}/${context.repository}`;
    return {
        [`${OCI}title`]: name,
        ...(about.description ? { [`${OCI}description`]: about.description } : {}),
        [`${OCI}url`]: url,
        [`${OCI}source`]: url,
        ...(version === undefined ? {} : { [model_plan/* ANNOTATION */.YX.version]: (0,model_version/* versionTag */.Vm)(version) }),
        [model_plan/* ANNOTATION */.YX.created]: new Date(source.sourceDateEpoch * 1000).toISOString().replace('.000Z', 'Z'),
        [model_plan/* ANNOTATION */.YX.revision]: source.revision,
        ...(about.license && about.license !== 'NOASSERTION' ? { [`${OCI}licenses`]: about.license } : {}),
    };
}
/**
 * The expressions in the user's labels and annotations. Unknown ones are left alone: they may be templates of another
 * tool. `{{date}}` is refused: with the time of the run in it no re-run could find its own images again.
 */
function renderUserMetadata(inputs, helpers) {
    const problems = [];
    const ownHelpers = {
        ...helpers,
        date: () => ({ fault: 'the time of the run would make every re-run another image; use {{commit_date}}' }),
    };
    const render = (what, value) => {
        const text = renderTemplate(value, ownHelpers, 'keep');
        if (!isFault(text))
            return text;
        problems.push((0,errors/* problem */.CC)('INPUT_INVALID', `${what} cannot be used: ${value}: ${text.fault}`));
        return value;
    };
    const labels = Object.fromEntries(Object.entries(inputs.labels).map(([key, value]) => [key, render(`the label ${key}`, value)]));
    const annotations = inputs.annotations.map((annotation) => ({
        ...annotation,
        value: render(`the annotation ${annotation.key}`, annotation.value),
    }));
    for (const { key } of annotations.filter((annotation) => RESERVED.includes(annotation.key))) {
        problems.push((0,errors/* problem */.CC)('INPUT_INVALID', `the annotation is set by every release itself: ${key}`, 'Remove it: a re-run knows its own images by this annotation.'));
    }
    return { user: { labels, annotations }, problems };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/tag-value.js


function tag_value_render(text, subject) {
    return renderTemplate(text, subject.helpers);
}
function other(text) {
    return isFault(text) ? text : { text, names: 'other' };
}
/** Text of the user's own: it names a version when that of the release, or the start of it, stands in it. */
function tag_value_named(text, { version }) {
    if (isFault(text))
        return text;
    if (text === 'latest')
        return { text, names: 'partial' };
    if (version === undefined)
        return { text, names: 'other' };
    if (namesVersion(text, { version }))
        return { text, names: 'whole' };
    const lines = [`${version.major}`, `${version.major}.${version.minor}`];
    return { text, names: lines.includes(text.replace(/^v/, '')) ? 'partial' : 'other' };
}
/** Whether the version of this release stands in a text. */
function namesVersion(text, { version }) {
    return version !== undefined && containsVersion(tag_value_sanitize(text), (0,model_version/* versionTag */.Vm)(version));
}
/** `v1.2.3` and `1.2.3-alpine` contain 1.2.3; `11.2.3` and `1.2.30` do not. */
function containsVersion(text, version) {
    for (let at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1)) {
        const before = text.slice(0, at);
        const after = text.slice(at + version.length);
        if (!/[\d.]$/.test(before) && !/^(?:\d|\.\d)/.test(after))
            return true;
    }
    return false;
}
/** What a tag cannot hold becomes one dash, as docker/metadata-action does. */
function tag_value_sanitize(text) {
    return text.replace(/[^a-zA-Z0-9._-]+/g, '-');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/pep440.js
const PEP440 = /^\s*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<implicitPost>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;
const PRE = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };
/** Undefined when the text is no version by PEP 440. */
function parsePep440(text) {
    const groups = text.length > 200 ? undefined : PEP440.exec(text)?.groups;
    if (groups === undefined)
        return undefined;
    const release = (groups.release ?? '').split('.').map(number);
    const pre = groups.pre?.toLowerCase();
    const hasPost = groups.post !== undefined || groups.implicitPost !== undefined;
    const hasDev = groups.dev !== undefined;
    const parts = [
        groups.epoch === undefined || number(groups.epoch) === '0' ? '' : `${number(groups.epoch)}!`,
        release.join('.'),
        pre === undefined ? '' : `${PRE[pre] ?? pre}${number(groups.preNumber)}`,
        hasPost ? `.post${number(groups.implicitPost ?? groups.postNumber)}` : '',
        hasDev ? `.dev${number(groups.devNumber)}` : '',
        groups.local === undefined ? '' : `+${groups.local.toLowerCase().replace(/[-_]/g, '.')}`,
    ];
    const [major = '0', minor = '0', patch = '0'] = release;
    return { normal: parts.join(''), major, minor, patch, isFinal: pre === undefined && !hasPost && !hasDev };
}
/** Without leading zeros; an absent number is 0. */
function number(digits) {
    return (digits ?? '').replace(/^0+/, '') || '0';
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/version-rules.js





/** The text that a version rule reads: `value`, else the version of this release; then narrowed by `match`. */
function source(rule, subject) {
    const value = tag_value_render(rule.attributes.value ?? '', subject);
    if (isFault(value))
        return value;
    const given = value === '' ? undefined : value;
    const text = given ?? subject.written ?? tagOf(subject.context);
    const pattern = rule.attributes.match ?? '';
    if (text === undefined || pattern === '')
        return text;
    const found = search(pattern, text);
    return found === null || isFault(found) ? (found ?? undefined) : (found[1] ?? found[0]);
}
function semver(rule, subject) {
    const text = source(rule, subject);
    if (text === undefined || isFault(text))
        return text;
    const isOwn = !rule.attributes.value && !rule.attributes.match;
    const version = isOwn ? subject.version : (0,model_version/* parseVersion */.ot)(text.replace(/^[=v]+/, ''));
    // A tag that is no version is the plan's own error; it need not be said for each rule.
    if (version === undefined)
        return isOwn ? undefined : { fault: `value is no SemVer version: ${text}` };
    const whole = (0,model_version/* versionTag */.Vm)(version);
    const pattern = rule.attributes.pattern ?? '{{version}}';
    const helpers = {
        raw: () => text,
        version: () => whole,
        major: () => String(version.major),
        minor: () => String(version.minor),
        patch: () => String(version.patch),
    };
    return versioned((0,model_version/* isPrerelease */.V1)(version) && !isRaw(pattern) ? '{{version}}' : pattern, helpers, [whole, text], subject);
}
function pep440(rule, subject) {
    const text = source(rule, subject);
    if (text === undefined || isFault(text))
        return text;
    const isOwn = !rule.attributes.value && !rule.attributes.match;
    const version = parsePep440(isOwn && subject.version !== undefined ? subject.version.raw : text);
    if (version === undefined)
        return isOwn ? undefined : { fault: `value is no version by PEP 440: ${text}` };
    const pattern = rule.attributes.pattern ?? '{{version}}';
    const helpers = {
        raw: () => text,
        version: () => version.normal,
        major: () => version.major,
        minor: () => version.minor,
        patch: () => version.patch,
    };
    return versioned(version.isFinal || isRaw(pattern) ? pattern : '{{version}}', helpers, [version.normal, text], subject);
}
/** `whole`: the spellings that name this one version. */
function versioned(pattern, helpers, whole, subject) {
    const text = renderTemplate(pattern, { ...subject.helpers, ...helpers });
    if (isFault(text))
        return text;
    return {
        text,
        names: whole.some((w) => containsVersion(tag_value_sanitize(text), tag_value_sanitize(w))) ? 'whole' : 'partial',
    };
}
function match(rule, subject) {
    const value = tag_value_render(rule.attributes.value ?? '', subject);
    if (isFault(value))
        return value;
    const text = value === '' ? tagOf(subject.context) : value;
    if (text === undefined)
        return undefined;
    const found = search(rule.attributes.pattern ?? '', text);
    if (found === null || isFault(found))
        return found ?? undefined;
    const group = found[Number(rule.attributes.group ?? '0')];
    return group === undefined ? undefined : tag_value_named(group, subject);
}
/** A pattern is an expression as it stands, or `/…/flags`. */
function search(pattern, text) {
    const [, body = pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
    try {
        return new RegExp(body, flags).exec(text);
    }
    catch (error) {
        return { fault: error instanceof Error ? error.message : String(error) };
    }
}
function isRaw(pattern) {
    return /^\{\{\s*raw\s*\}\}$/.test(pattern);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/tag-rules.js





/** Higher comes first. https://github.com/docker/metadata-action#priority-attribute */
const PRIORITY = {
    schedule: 1000,
    semver: 900,
    pep440: 900,
    match: 800,
    edge: 700,
    ref: 600,
    raw: 200,
    sha: 100,
};
const PREFIX = { sha: 'sha-', pr: 'pr-' };
/** The tags of all rules in order of priority; a rule that does not apply to this event gives none. */
function evaluateRules(rules, subject) {
    const tags = [];
    const faults = [];
    for (const rule of rules.toSorted((a, b) => priorityOf(b) - priorityOf(a))) {
        const value = evaluate(rule, subject);
        if (isFault(value))
            faults.push({ ...value, rule });
        else if (value !== undefined && value.text !== '')
            tags.push({ tag: value.text, rule, names: value.names });
    }
    return { tags, faults };
}
function priorityOf(rule) {
    const own = Number(rule.attributes.priority ?? Number.NaN);
    return Number.isFinite(own) ? own : PRIORITY[rule.type];
}
function evaluate(rule, subject) {
    const enable = tag_value_render(rule.attributes.enable ?? 'true', subject);
    if (isFault(enable))
        return enable;
    if (/^false$/i.test(enable))
        return undefined;
    if (!/^true$/i.test(enable))
        return { fault: `enable must be true or false, not ${enable}` };
    const value = baseValue(rule, subject);
    if (value === undefined || isFault(value) || value.text === '')
        return value;
    const prefix = tag_value_render(rule.attributes.prefix ?? defaultPrefix(rule), subject);
    const suffix = tag_value_render(rule.attributes.suffix ?? '', subject);
    if (isFault(prefix))
        return prefix;
    if (isFault(suffix))
        return suffix;
    const names = [prefix, suffix].some((affix) => namesVersion(affix, subject)) ? 'whole' : value.names;
    return { text: tag_value_sanitize(`${prefix}${value.text}${suffix}`), names };
}
function baseValue(rule, subject) {
    const { context } = subject;
    const { attributes } = rule;
    switch (rule.type) {
        case 'schedule':
            return context.eventName === 'schedule'
                ? other(tag_value_render(attributes.pattern ?? 'nightly', subject))
                : undefined;
        case 'semver':
            return semver(rule, subject);
        case 'pep440':
            return pep440(rule, subject);
        case 'match':
            return match(rule, subject);
        case 'edge': {
            const branch = attributes.branch || subject.defaultBranch;
            return branch !== undefined && branchOf(context) === branch ? other('edge') : undefined;
        }
        case 'ref':
            return ref(attributes.event, subject);
        case 'raw':
            return attributes.value === undefined
                ? { fault: 'value is missing' }
                : tag_value_named(tag_value_render(attributes.value, subject), subject);
        case 'sha': {
            const long = attributes.format === 'long';
            return { text: long ? subject.revision : shortSha(subject.revision), names: 'commit' };
        }
    }
}
function ref(event, subject) {
    const { context } = subject;
    switch (event) {
        case 'branch':
            return other(branchOf(context) ?? '');
        case 'tag':
            return tag_value_named(tagOf(context) ?? '', subject);
        case 'pr': {
            const number = /^refs\/pull\/(\d+)\//.exec(context.ref)?.[1];
            return number === undefined ? undefined : other(number);
        }
        default:
            return { fault: `event must be branch, tag or pr, not ${event ?? 'absent'}` };
    }
}
function defaultPrefix(rule) {
    if (rule.type === 'sha')
        return PREFIX.sha;
    return rule.type === 'ref' && rule.attributes.event === 'pr' ? PREFIX.pr : '';
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/tags.js




/**
 * The tags of every image of this plan: the defaults of the event, then the rules of the `tags` input. What is not
 * pushed gets none.
 */
function planTags(inputs, kind, subject, now) {
    if (!isPushed(kind, inputs))
        return { tags: [], problems: [] };
    const defaults = defaultTags(kind, subject, now);
    const rules = evaluateRules(inputs.tags, subject);
    const all = [...defaults, ...rules.tags.map((tag) => extraTag(tag, kind))];
    const faults = rules.faults.map(({ fault, rule }) => (0,errors/* problem */.CC)('INPUT_INVALID', `the tag rule ${rule.raw} cannot be used: ${fault}`));
    return { tags: tags_merge(all), problems: [...faults, ...all.flatMap(checkTag)] };
}
/** Forks never push; pull requests only when they are told to. */
function isPushed(kind, inputs) {
    return kind !== 'fork' && (kind !== 'pull-request' || inputs.pullRequest === 'push');
}
function defaultTags(kind, subject, now) {
    const { version, revision, context } = subject;
    const sha = immutable(`sha-${revision}`, shaRule(kind), 'commit');
    switch (kind) {
        case 'tag':
        case 'dispatch':
            return version === undefined ? [sha] : [immutable((0,model_version/* versionTag */.Vm)(version), 'required', 'version'), sha];
        case 'branch':
            return [sha];
        case 'schedule': {
            const day = now.toISOString().slice(0, 10).replaceAll('-', '');
            return [immutable(`nightly-${day}-${context.runId}`, 'required', 'schedule')];
        }
        case 'pull-request': {
            const number = context.pullRequest?.number;
            return number === undefined
                ? []
                : [{ tag: `pr-${number}`, kind: 'moving', rule: 'always', from: 'pull-request' }];
        }
        case 'fork':
            return [];
    }
}
/** Only a push to a branch releases the commit itself; elsewhere an earlier run may hold its tag. */
function shaRule(kind) {
    return kind === 'branch' ? 'required' : 'if-free';
}
function immutable(tag, rule, from) {
    return { tag, kind: 'immutable', rule, from };
}
function extraTag({ tag, rule, names }, kind) {
    const from = rule.raw;
    switch (names) {
        case 'commit':
            return immutable(tag, shaRule(kind), from);
        case 'whole':
            return immutable(tag, 'required', from);
        case 'partial':
            return { tag, kind: 'moving', rule: 'forward', from };
        case 'other':
            return { tag, kind: 'moving', rule: 'always', from };
    }
}
/** One entry for each tag: the first one named, but never weaker than any that names it. */
function tags_merge(tags) {
    const strength = ['always', 'forward', 'if-free', 'required'];
    const merged = new Map();
    for (const tag of tags) {
        const first = merged.get(tag.tag);
        const isStronger = first === undefined || strength.indexOf(tag.rule) > strength.indexOf(first.rule);
        if (isStronger)
            merged.set(tag.tag, first === undefined ? tag : { ...tag, from: first.from });
    }
    return [...merged.values()];
}
function checkTag({ tag, from }) {
    if ((0,model_reference/* isTag */.dz)(tag))
        return [];
    const corrected = tag.replace(/^[.-]+/, '').slice(0, 128);
    const what = `the tag from ${from} is not valid: ${tag}${corrected === '' ? '' : ` (corrected: ${corrected})`}`;
    const hint = 'A tag has at most 128 of the characters a-z A-Z 0-9 _ . - and does not begin with . or -.';
    return [(0,errors/* problem */.CC)('INPUT_INVALID', what, hint)];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/steps.js


/** What each step will do, and why. */
function decideSteps(inputs, kind, context, images) {
    return model_plan/* STEPS */.UT.map((id) => ({ id, ...steps_decide(id, inputs, kind, context, images) }));
}
function steps_decide(id, inputs, kind, context, images) {
    const decision = decideReal(id, inputs, kind, context, images);
    const reason = inputs.command === 'plan' ? 'the command plan writes nothing' : 'a dry run writes nothing';
    const isSimulated = decision.do === 'run' &&
        id !== 'preflight' &&
        id !== 'report' &&
        (inputs.dryRun || inputs.command === 'plan');
    return isSimulated ? { do: 'simulate', reason } : decision;
}
function decideReal(id, inputs, kind, context, images) {
    switch (id) {
        case 'preflight':
            return steps_run('everything that can be wrong is reported before the first minute');
        case 'build':
            return steps_run(buildReason(images));
        case 'inspect':
            return steps_run('every platform of every image is looked into before it leaves the runner');
        case 'gate':
            return steps_run('nothing is pushed before the policy has passed');
        case 'push':
        case 'tag':
            return decideWrite(id, inputs, kind, context, images);
        case 'report':
            return steps_run('outputs and summary are written in any case');
    }
}
function decideWrite(id, inputs, kind, context, images) {
    if (kind === 'fork')
        return skip('a fork never pushes');
    if (!isPushed(kind, inputs.version)) {
        const what = context.eventName === 'merge_group' ? 'a merge queue entry' : 'a pull request';
        return skip(`${what} is gated, not pushed`);
    }
    if (id === 'push')
        return steps_run(kind === 'pull-request' ? '`pull-request: push` asks for it' : `${nameOf(kind)} is pushed by digest`);
    return images.some((image) => image.tags.length > 0)
        ? steps_run('tags are set after every image is at its registry')
        : skip('this event has no tags');
}
function buildReason(images) {
    const brought = images.filter((image) => image.source.kind !== 'bake').length;
    if (brought === 0)
        return `${steps_count(images.length)} from one graph`;
    if (brought === images.length)
        return `${steps_count(brought)} brought by \`from\`, nothing is built here`;
    return `${steps_count(images.length - brought)} from one graph, ${steps_count(brought)} brought by \`from\``;
}
function steps_count(images) {
    return images === 1 ? '1 image' : `${images} images`;
}
function nameOf(kind) {
    return { tag: 'a tag', branch: 'a branch', schedule: 'a schedule', dispatch: 'a dispatch' }[kind === 'pull-request' || kind === 'fork' ? 'branch' : kind];
}
function steps_run(reason) {
    return { do: 'run', reason };
}
function skip(reason) {
    return { do: 'skip', reason };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/version-tag.js

/**
 * Reads `v1.2.3`, `my-module/v1.2.3` (prefix `my-module/v`) or, with a star in the prefix, the image's name and the
 * version. An unprefixed version passes where the prefix is the plain `v`: an empty input cannot be told from none.
 */
function readVersionTag(tag, prefix) {
    const splits = splitTag(tag, prefix);
    for (const { rest, image } of splits) {
        const version = (0,model_version/* parseVersion */.ot)(rest);
        if (version !== undefined)
            return { version, ...(image === undefined ? {} : { image }) };
    }
    const first = splits[0];
    if (first === undefined)
        return correct('prefix', prefix, withoutPrefix(tag, prefix));
    return correct('semver', first.head, first.rest);
}
/** The nearest strict SemVer version: `1.2` → `1.2.0`, `V1.02.3rc1` → `1.2.3-rc1`, `1.2.3.4` → `1.2.3+4`. */
function nearestVersion(text) {
    const match = /^[vV=\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/s.exec(text.trim());
    if (match === null)
        return undefined;
    const [, major = '0', minor = '0', patch = '0', tail = ''] = match;
    const corrected = [major, minor, patch].map(trimZeros).join('.') + correctTail(tail);
    return (0,model_version/* parseVersion */.ot)(corrected) === undefined ? undefined : corrected;
}
function correctTail(tail) {
    const words = tail
        .split(/[^0-9A-Za-z-]+/)
        .map((word) => word.replace(/^-+|-+$/g, ''))
        .filter((word) => word !== '')
        .map((word) => (/^\d+$/.test(word) ? trimZeros(word) : word));
    if (words.length === 0)
        return '';
    // A fourth number orders nothing in SemVer; as build metadata it stays readable.
    return `${tail.startsWith('.') || tail.startsWith('+') ? '+' : '-'}${words.join('.')}`;
}
function trimZeros(digits) {
    return digits.replace(/^0+(?=\d)/, '');
}
function splitTag(tag, prefix) {
    const star = prefix.indexOf('*');
    if (star >= 0)
        return splitAtStar(tag, prefix.slice(0, star), prefix.slice(star + 1));
    if (tag.startsWith(prefix))
        return [{ head: prefix, rest: tag.slice(prefix.length) }];
    return prefix === 'v' ? [{ head: prefix, rest: tag }] : [];
}
/** Every way to read the star; `tool-v2-v1.0.0` has two with the prefix `*-v`, and only one leaves a version. */
function splitAtStar(tag, before, after) {
    if (!tag.startsWith(before))
        return [];
    if (after === '')
        return [];
    const splits = [];
    for (let at = tag.indexOf(after, before.length + 1); at >= 0; at = tag.indexOf(after, at + 1)) {
        const image = tag.slice(before.length, at);
        if (image.includes('/'))
            break;
        const end = at + after.length;
        splits.push({ head: tag.slice(0, end), rest: tag.slice(end), image });
    }
    return splits;
}
/** Only for the corrected form: what is left when the prefix is there in another case, or not at all. */
function withoutPrefix(tag, prefix) {
    return tag.toLowerCase().startsWith(prefix.toLowerCase()) ? tag.slice(prefix.length) : tag;
}
function correct(fault, head, rest) {
    const version = nearestVersion(rest);
    const hasStar = head.includes('*');
    return { fault, ...(version === undefined || hasStar ? {} : { corrected: `${head}${version}` }) };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/version.js




/**
 * Only tags and dispatches release a version: a `version` that stands in the config must not make every push to a branch
 * an immutable release. The input wins over the tag; a dispatch without one takes that of manifest.json.
 */
function readVersion(inputs, kind, context, facts) {
    const manifest = inputs.manifest === 'false' ? undefined : facts.manifest;
    const read = kind === 'tag' || kind === 'dispatch' ? readReleased(inputs, context, manifest) : { problems: [] };
    return { ...read, problems: [...read.problems, ...checkManifest(inputs, manifest, read)] };
}
function readReleased(inputs, context, manifest) {
    if (inputs.version !== undefined)
        return readInput(inputs.version, inputs.tagPrefix);
    const tag = tagOf(context);
    if (tag !== undefined)
        return readTag(tag, inputs.tagPrefix);
    if (manifest?.version !== undefined)
        return readManifestVersion(manifest, manifest.version);
    return manifest?.fault === undefined
        ? { problems: [(0,errors/* problem */.CC)('VERSION_MISSING', `no version for ${context.eventName} on ${context.ref}`)] }
        : { problems: [] };
}
function readTag(tag, prefix) {
    const reading = readVersionTag(tag, prefix);
    if ('version' in reading)
        return { ...reading, written: tag, problems: [] };
    const what = reading.fault === 'prefix'
        ? `the git tag does not start with the tag-prefix ${prefix}: ${tag}`
        : `the git tag is no strict SemVer version after its prefix: ${tag}`;
    return {
        problems: [(0,errors/* problem */.CC)('TAG_NOT_SEMVER', ...withCorrection(what, reading.corrected, 'Tag the commit as'))],
    };
}
/** The input may carry the prefix of the tag or a plain v, or be the bare version. */
function readInput(text, prefix) {
    const reading = readVersionTag(text, prefix);
    if ('version' in reading)
        return { ...reading, written: text, problems: [] };
    const version = (0,model_version/* parseVersion */.ot)(text.replace(/^v/, ''));
    if (version !== undefined)
        return { version, written: text, problems: [] };
    const what = `the input version is no strict SemVer version: ${text}`;
    const corrected = reading.fault === 'prefix' ? nearestVersion(text) : reading.corrected;
    return { problems: [(0,errors/* problem */.CC)('INPUT_INVALID', ...withCorrection(what, corrected, 'Set `version` to'))] };
}
function readManifestVersion(manifest, text) {
    const version = (0,model_version/* parseVersion */.ot)(text);
    if (version !== undefined)
        return { version, written: text, problems: [] };
    const what = `the version of ${manifest.path} is no strict SemVer version: ${text}`;
    return {
        problems: [
            inManifest('MANIFEST_INVALID', manifest, ...withCorrection(what, nearestVersion(text), 'Write')),
        ],
    };
}
function checkManifest(inputs, manifest, read) {
    if (inputs.manifest === 'false')
        return [];
    if (manifest === undefined) {
        return inputs.manifest === 'true'
            ? [(0,errors/* problem */.CC)('MANIFEST_NOT_FOUND', 'there is no manifest.json in the working directory')]
            : [];
    }
    if (manifest.fault !== undefined)
        return [inManifest('MANIFEST_INVALID', manifest, `${manifest.path} cannot be read: ${manifest.fault}`)];
    if (manifest.version === undefined) {
        return inputs.manifest === 'true'
            ? [inManifest('MANIFEST_INVALID', manifest, `${manifest.path} has no version`)]
            : [];
    }
    if (read.version === undefined || read.version.raw === manifest.version)
        return [];
    const what = `${manifest.path} has the version ${manifest.version}, and ${read.written ?? ''} has ${read.version.raw}`;
    return [inManifest('VERSION_MISMATCH', manifest, what)];
}
function inManifest(code, manifest, message, hint) {
    const line = manifest.versionLine;
    return {
        ...(0,errors/* problem */.CC)(code, message, hint),
        at: { file: manifest.path, ...(line === undefined ? {} : { line }) },
    };
}
/** Message and hint; without a correction the catalogue's hint stays. */
function withCorrection(what, corrected, act) {
    return corrected === undefined ? [what] : [`${what} (corrected: ${corrected})`, `${act} ${corrected}.`];
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/plan/plan-release.js













/**
 * Everything that this run will do, as data. Trouble of the user's is never thrown: all of it is in `problems`, and the
 * rest of the plan is as complete as it can be.
 */
function planRelease(inputs, context, facts) {
    const { kind, revision, problems: eventProblems } = readEvent(context, facts);
    const released = readVersion(inputs.version, kind, context, facts);
    const { version, written } = released;
    const { destination, problems: nameProblems } = readDestination(inputs.names, context);
    const drafts = draftImages(inputs, context, facts, released.image);
    const helpers = globalHelpers(context, facts, revision);
    const defaultBranch = context.defaultBranch ?? facts.about.defaultBranch;
    const subject = {
        context,
        revision,
        helpers,
        ...(version === undefined ? {} : { version }),
        ...(written === undefined ? {} : { written }),
        ...(defaultBranch === undefined ? {} : { defaultBranch }),
    };
    const tags = planTags(inputs.version, kind, subject, facts.now);
    const { user, problems: metadataProblems } = renderUserMetadata(inputs.version, helpers);
    const sourceDateEpoch = facts.commitEpoch ?? 0;
    const source = {
        context,
        about: { ...facts.about, ...context.about },
        revision,
        sourceDateEpoch,
        user,
        ...(version === undefined ? {} : { version }),
    };
    const images = finishImages(drafts.images, { inputs, facts, source, destination, tags: tags.tags });
    const { definition } = inputs.build;
    return {
        command: inputs.command,
        event: context.eventName,
        kind,
        dryRun: inputs.dryRun,
        ...(version === undefined ? {} : { version }),
        prerelease: version !== undefined && (0,model_version/* isPrerelease */.V1)(version),
        revision,
        sourceDateEpoch,
        dirty: facts.dirty,
        images,
        steps: decideSteps(inputs, kind, context, images),
        problems: [
            ...eventProblems,
            ...released.problems,
            ...nameProblems,
            ...drafts.problems,
            ...(definition.kind === 'images' ? checkContexts(definition.images) : []),
            ...tags.problems,
            ...metadataProblems,
        ],
    };
}
function finishImages(drafts, finishing) {
    const hashed = new Map(drafts.flatMap((draft) => draft.source.kind === 'bake' ? [[draft.source.target, hashedImage(draft, finishing.source)]] : []));
    return drafts.map((draft) => finishImage(draft, finishing, hashed));
}
/**
 * What the repository's page says may change between two runs without any change of the release, so the hash leaves it
 * out; a label that the user sets counts.
 */
function hashedImage(draft, source) {
    const { labels, annotations } = metadataOf(draft, { ...source, about: {} });
    return { labels, annotations, platforms: draft.platforms.map(model_descriptor/* formatPlatform */.Bq) };
}
function finishImage(draft, { inputs, facts, source, destination, tags }, images) {
    const common = {
        name: draft.name,
        source: draft.source,
        repositories: repositoriesOf(destination, draft.name),
        tags,
        platforms: draft.platforms,
        parents: draft.parents,
    };
    // Brought bytes are released as they are: no label or annotation of ours goes into them.
    if (draft.source.kind !== 'bake')
        return { ...common, labels: {}, annotations: { index: {}, manifest: {} } };
    const metadata = metadataOf(draft, source);
    if (facts.build === undefined)
        return { ...common, ...metadata };
    const { revision, sourceDateEpoch } = source;
    const { workspace } = inputs;
    const hash = planHash(draft.source.target, {
        build: facts.build,
        images,
        revision,
        sourceDateEpoch,
        workspace,
    });
    return { ...common, ...withHash(metadata, hash), planHash: hash };
}
function withHash({ labels, annotations }, hash) {
    const own = { [model_plan/* ANNOTATION */.YX.planHash]: hash };
    return {
        labels,
        annotations: {
            index: { ...annotations.index, ...own },
            manifest: { ...annotations.manifest, ...own },
        },
    };
}

// EXTERNAL MODULE: ./node_modules/zod/v4/core/parse.js + 1 modules
var core_parse = __webpack_require__(3945);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/survey/bake-print.js


/**
 * Lets bake resolve groups, matrices, variables and inheritance, without building. Throws INPUT_INVALID with bake's own
 * words. https://docs.docker.com/reference/cli/docker/buildx/bake/#print
 */
async function resolveBuild(spec, ports) {
    const { exitCode, stdout, stderr } = await ports.exec.run({
        file: 'docker',
        args: printArgs(spec),
        cwd: spec.cwd,
        environment: 'full',
        ...(spec.secretEnv === undefined ? {} : { env: spec.secretEnv }),
        ...(spec.document === undefined ? {} : { stdin: JSON.stringify(spec.document) }),
    });
    if (exitCode !== 0)
        throw printError(stderr);
    return parsePrint(stdout, spec.cwd, spec.targets);
}
function printArgs(spec) {
    const { document } = spec;
    const files = spec.files.flatMap((file) => ['--file', file]);
    const generated = document === undefined ? [] : ['--file', '-'];
    const all = document === undefined || document.group?.default !== undefined ? [] : Object.keys(document.target);
    const targets = spec.targets.length > 0 ? spec.targets : all;
    return ['buildx', 'bake', '--print', ...files, ...generated, '--', ...targets];
}
/** Without the plugin, docker takes `buildx` for an unknown word and answers with its own usage. */
const bake_print_NO_PLUGIN = /is not a docker command|unknown command: docker buildx|Usage:\s+docker \[OPTIONS\] COMMAND/;
function printError(stderr) {
    if (bake_print_NO_PLUGIN.test(stderr))
        return new errors/* ReleaseError */.K2('TOOL_MISSING', 'docker has no buildx plugin', {
            hint: 'Install docker-buildx (0.20 or newer); hosted runners have it.',
        });
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const last = lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1) ?? 'no message';
    return new errors/* ReleaseError */.K2('INPUT_INVALID', `the bake definition cannot be resolved: ${last.replace('ERROR: ', '')}`, {
        hint: 'Run `docker buildx bake --print` with the same files and targets, and correct what it names.',
        cause: new Error(lines.join('\n')),
    });
}
const strings = schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* nullable */.mee(schemas/* string */.YjP()));
/** buildx prints attestations and secrets as objects; early releases printed the CSV that the user wrote. */
const bake_print_entry = schemas/* union */.KCZ([schemas/* string */.YjP(), schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* unknown */.L5J())]);
const printed = schemas/* object */.Ikc({
    group: schemas/* optional */.lqM(schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({ targets: schemas/* array */.YOg(schemas/* string */.YjP()) }))),
    target: schemas/* record */.g1P(schemas/* string */.YjP().check(api/* _regex */.Fk(/^[\w-]+$/)), schemas/* looseObject */._H3({
        contexts: schemas/* optional */.lqM(strings),
        platforms: schemas/* optional */.lqM(schemas/* array */.YOg(schemas/* string */.YjP())),
        attest: schemas/* optional */.lqM(schemas/* array */.YOg(bake_print_entry)),
        labels: schemas/* optional */.lqM(strings),
        secret: schemas/* optional */.lqM(schemas/* array */.YOg(bake_print_entry)),
        ssh: schemas/* optional */.lqM(schemas/* array */.YOg(bake_print_entry)),
    })),
});
/**
 * What bake printed, as our graph: selected in the order of `requested`, what patterns and defaults add after it. `cwd` is
 * taken off absolute paths, so that two machines agree on a definition.
 */
function parsePrint(stdout, cwd, requested = []) {
    const parsed = core_parse/* safeParse */.xL(printed, readJson(stdout));
    if (!parsed.success)
        throw new errors/* ReleaseError */.K2('TOOL_FAILED', 'docker buildx bake --print answered in an unknown form', {
            hint: 'Use buildx 0.20 or newer.',
            cause: parsed.error,
        });
    const { group = {} } = parsed.data;
    const target = bake_print_mapValues(parsed.data.target, toLiteral);
    // bake sorts what it prints; everything asked for is in its group `default`, whatever the user's file says of it.
    const all = new Set(leaves('default', group, new Set()).filter((name) => target[name] !== undefined));
    const named = requested.flatMap((name) => leaves(name, group, new Set())).filter((name) => all.has(name));
    return {
        selected: [...new Set([...named, ...all])],
        targets: bake_print_mapValues(target, (definition, name) => toTarget(name, definition, cwd)),
        printed: { target },
    };
}
/**
 * bake writes some of its fields as templates again, so that a literal `${` is printed as `$${`.
 * https://github.com/docker/buildx/blob/master/bake/bake.go (Target.MarshalJSON)
 */
const PRINTED_AS_TEMPLATE = ['args', 'labels', 'annotations', 'dockerfile-inline'];
function toLiteral(target) {
    return bake_print_mapValues(target, (value, key) => (PRINTED_AS_TEMPLATE.includes(key) ? literalOf(value) : value));
}
function literalOf(value) {
    if (typeof value === 'string')
        return value.replaceAll('$${', '${').replaceAll('%%{', '%{');
    if (Array.isArray(value))
        return value.map(literalOf);
    return typeof value === 'object' && value !== null ? bake_print_mapValues({ ...value }, literalOf) : value;
}
function readJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** bake prints what was asked for as the group `default`; matrices are groups too. */
function leaves(name, groups, above) {
    const group = groups[name];
    if (group === undefined || above.has(name))
        return [name];
    return group.targets.flatMap((member) => leaves(member, groups, new Set([...above, name])));
}
/** They decide where bytes go and how fast they come, not what they are. */
const SHAPELESS = new Set([
    'output',
    'tags',
    'cache-from',
    'cache-to',
    'no-cache',
    'no-cache-filter',
    'pull',
    'secret',
    'ssh',
    'description',
]);
function toTarget(name, printedTarget, cwd) {
    const shaping = Object.entries(printedTarget).filter(([key]) => !SHAPELESS.has(key));
    const secrets = (printedTarget.secret ?? []).map((secret) => attributes(secret).id);
    return {
        name,
        parents: Object.values(printedTarget.contexts ?? {}).flatMap((value) => value?.startsWith('target:') ? [value.slice('target:'.length)] : []),
        platforms: printedTarget.platforms ?? [],
        attests: (printedTarget.attest ?? []).map(attributes).some((attest) => !isTrue(attest.disabled)),
        labels: withoutNulls(printedTarget.labels ?? {}),
        definition: {
            ...Object.fromEntries(shaping.map(([key, value]) => [key, relativize(value, cwd)])),
            ...(secrets.length === 0 ? {} : { secret: secrets }),
        },
    };
}
function attributes(value) {
    if (typeof value !== 'string')
        return value;
    return Object.fromEntries(value.split(',').map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    }));
}
function isTrue(value) {
    return value === true || value === 'true' || value === '1';
}
function withoutNulls(values) {
    return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}
function bake_print_mapValues(values, map) {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}
function relativize(value, cwd) {
    if (typeof value === 'string')
        return value === cwd ? '.' : value.startsWith(`${cwd}/`) ? value.slice(cwd.length + 1) : value;
    if (Array.isArray(value))
        return value.map((item) => relativize(item, cwd));
    if (typeof value !== 'object' || value === null)
        return value;
    return bake_print_mapValues({ ...value }, (item) => relativize(item, cwd));
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/survey/git.js

/**
 * What git says of the checkout: HEAD, its committer date, whether tracked files differ. No answer when the workspace is
 * no git checkout. `safe.directory` is set for this call only: in container jobs the checkout belongs to another user.
 */
async function readGit(workspace, ports) {
    const git = (...args) => ports.exec.run({
        file: 'git',
        args: ['-c', `safe.directory=${workspace}`, '-C', workspace, ...args],
        environment: 'minimal',
    });
    const [log, status] = await Promise.all([
        git('log', '-1', '--no-show-signature', '--format=%H %ct', 'HEAD'),
        git('status', '--porcelain', '--untracked-files=no'),
    ]);
    if (log.exitCode !== 0)
        return { dirty: false };
    const [head, seconds] = log.stdout.trim().split(' ');
    if (head === undefined || !/^[0-9a-f]{40}$/.test(head) || !/^\d+$/.test(seconds ?? '')) {
        throw new errors/* ReleaseError */.K2('TOOL_FAILED', `git log answered in an unknown form: ${log.stdout.slice(0, 80)}`);
    }
    return { head, commitEpoch: Number(seconds), dirty: status.exitCode === 0 && status.stdout.trim() !== '' };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/survey/module-manifest.js

/** The two fields of a module's manifest.json that name a release; everything else is the module's own. */
const moduleManifest = schemas/* object */.Ikc({ name: schemas/* optional */.lqM(schemas/* string */.YjP()), version: schemas/* optional */.lqM(schemas/* string */.YjP()) });
/** Reads manifest.json for the plan. `path` is relative to the workspace; a fault is told, never thrown. */
function readModuleManifest(text, path) {
    const json = module_manifest_parseJson(text);
    if ('fault' in json)
        return { path, fault: json.fault };
    const parsed = moduleManifest.safeParse(json.value);
    if (!parsed.success) {
        const issue = parsed.error.issues[0];
        return {
            path,
            fault: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not an object'}`,
        };
    }
    const { name, version } = parsed.data;
    const versionLine = version === undefined ? undefined : lineOfVersion(text, version);
    return {
        path,
        ...(name === undefined ? {} : { name }),
        ...(version === undefined ? {} : { version }),
        ...(versionLine === undefined ? {} : { versionLine }),
    };
}
function module_manifest_parseJson(text) {
    try {
        return { value: JSON.parse(text) };
    }
    catch (error) {
        return { fault: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
    }
}
/** 1-based line on which `"version": "<version>"` stands first. */
function lineOfVersion(text, version) {
    const wanted = JSON.stringify(version);
    const line = text.split('\n').findIndex((l) => /"version"\s*:/.test(l) && l.includes(wanted));
    return line < 0 ? undefined : line + 1;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/steps/survey/run.js





/**
 * Reads what is true of the checkout and the repository, at once and without writing. `document` is the generated bake
 * file; without one the user's own files are resolved. What cannot be resolved comes back as problems beside the facts,
 * so that the plan can still report everything else.
 */
async function survey(wanted, ports) {
    const { inputs, context } = wanted;
    const [git, manifest, about, build] = await Promise.all([
        readGit(inputs.workspace, ports),
        run_readManifest(inputs, ports),
        completeAbout(context, ports),
        resolve(wanted, ports),
    ]);
    const facts = {
        ...git,
        about,
        now: ports.clock.now(),
        ...(manifest === undefined ? {} : { manifest }),
        ...('build' in build && build.build !== undefined ? { build: build.build } : {}),
    };
    return { facts, problems: 'problems' in build ? build.problems : [] };
}
async function run_readManifest(inputs, ports) {
    if (inputs.version.manifest === 'false')
        return undefined;
    const path = (0,external_node_path_.join)(inputs.workingDirectory, 'manifest.json');
    const text = await ports.files.readTextIfExists(path);
    return text === undefined ? undefined : readModuleManifest(text, (0,external_node_path_.relative)(inputs.workspace, path));
}
/** The event's payload knows the repository; schedules do not carry it, and then the API is asked once. */
async function completeAbout(context, ports) {
    if (context.about.visibility !== undefined)
        return context.about;
    const asked = await ports.github.about(context.repository);
    return { ...asked, ...context.about };
}
async function resolve(wanted, ports) {
    const { definition } = wanted.inputs.build;
    if (definition.kind === 'images' && wanted.document === undefined)
        return {};
    const spec = definition.kind === 'bake-file'
        ? { files: definition.files, targets: definition.targets }
        : { files: [], targets: [] };
    try {
        const build = await resolveBuild({
            ...spec,
            cwd: wanted.inputs.workingDirectory,
            secretEnv: wanted.secretEnv,
            ...(wanted.document === undefined ? {} : { document: wanted.document }),
        }, ports);
        return { build };
    }
    catch (error) {
        return { problems: (0,errors/* toReleaseError */.Tp)(error).problems };
    }
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/study.js




/** Reads the facts and makes the plan. Nothing is written; all problems found so far are in the plan. */
async function study({ inputs, context }, ports) {
    const document = bake_document_bakeDocument(inputs);
    const { env: secretEnv } = buildSecrets(inputs.build);
    const known = { inputs, context, secretEnv, ...(document === undefined ? {} : { document }) };
    const { facts, problems } = await survey(known, ports);
    const plan = planRelease(inputs, context, facts);
    return {
        plan: { ...plan, problems: [...plan.problems, ...problems] },
        secretEnv,
        ...(document === undefined ? {} : { document }),
        ...(facts.build === undefined ? {} : { build: facts.build }),
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/pipeline/release.js








/**
 * The release, top to bottom. Each step takes the value that the one before it made, so that nothing can be pushed that
 * has not passed the gate, and nothing tagged that has not been pushed. What a step found is noted for the report as soon
 * as it is known. `plan` and dry runs walk the same page up to the first step that would write.
 */
async function release(start, progress, ports) {
    const studied = await study(start, ports);
    const { plan } = studied;
    progress.note({ plan });
    start.announce(plan);
    const end = (status) => {
        progress.skipRest(plan);
        progress.note({ status });
    };
    const ready = await progress.always('preflight', () => preflight(start, studied, progress, ports));
    // The database is fetched while the images are built.
    const database = startDatabase(start, plan, ports);
    const built = await progress.step(plan, 'build', () => stageImages(start, studied, ready, ports));
    if (built === undefined)
        return end('planned');
    const inspected = await progress.always('inspect', () => inspect(start, ready, built, database, ports));
    progress.note(inspected);
    const judged = await progress.always('gate', () => runGate(ready.policy, inspected.inspections, inspected.scanner, ports));
    progress.note(judged);
    if (!judged.verdict.passed)
        throw gateError(judged.verdict);
    const clean = (0,scan/* passGate */.lt)(judged.inspections, judged.verdict);
    const pushed = await progress.step(plan, 'push', () => pushImages(clean, ports));
    if (pushed === undefined)
        return end('gated');
    progress.note({ images: pushed.map((image) => ({ ...image, tags: [] })) });
    const tagged = await progress.step(plan, 'tag', () => tagImages(pushed, plan, ports));
    if (tagged !== undefined)
        progress.note({ images: tagged });
    end(isUnchanged(tagged ?? []) ? 'unchanged' : 'released');
}
/** Nothing was written: every image was there already, and so was every tag. */
function isUnchanged(images) {
    return (images.length > 0 &&
        images.every(({ blobs, tags }) => blobs.uploaded + blobs.mounted === 0 &&
            tags.every(({ outcome }) => outcome === 'unchanged' || outcome === 'kept')));
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/report/plan-text.js
var plan_text = __webpack_require__(114);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/run.js
















/** Opens the windows and walks the command's pipeline. Never throws: what went wrong is in the release. */
async function run_run({ inputs, context, log }) {
    const ports = openPorts(inputs, context, log);
    const reports = await ports.files.makeTempFolder(REPORTS);
    const progress = new Progress(ports);
    const toolCache = process.env.RUNNER_TOOL_CACHE;
    const start = {
        inputs,
        context,
        reports,
        machine: { os: process.platform, arch: process.arch, ...(toolCache ? { toolCache } : {}) },
        databases: (0,external_node_path_.join)(process.env.RUNNER_TEMP || (0,external_node_os_.tmpdir)(), 'module-release-trivy-db'),
        parseYaml: await yamlParser(inputs),
        announce: (plan) => {
            for (const line of (0,plan_text/* planText */.Pt)(plan))
                log.info(line);
        },
    };
    try {
        await Promise.race([release(start, progress, ports), cancellation(progress)]);
    }
    catch (error) {
        progress.fail(error);
    }
    progress.report();
    return { release: progress.release, reports };
}
/** The library costs start-up, so it is loaded only when there is a file to read. */
async function yamlParser({ gate }) {
    if (gate.waivers === undefined)
        return () => undefined;
    const { parse } = await __webpack_require__.e(/* import() */ 815).then(__webpack_require__.t.bind(__webpack_require__, 8815, 19));
    return (text) => parse(text);
}
function openPorts(inputs, context, log) {
    const clock = createClock();
    const exec = createExec();
    const state = createState();
    const files = createFiles(state);
    const { githubToken: token, login } = inputs;
    return {
        clock,
        exec,
        files,
        log,
        state,
        cache: createCache(log),
        download: createDownload({ clock, env: process.env }),
        github: createGitHub({ apiUrl: context.apiUrl, log, ...(token === undefined ? {} : { token }) }),
        registry: createRegistry({ ...login, clock, exec, files, log }),
    };
}
/**
 * Rejects when the runner cancels the job. The tools are ended first; the report still has the seconds that the runner
 * leaves us. A second signal ends at once.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 */
function cancellation(progress) {
    return new Promise((_, cancel) => {
        for (const signal of ['SIGINT', 'SIGTERM']) {
            process.once(signal, () => {
                killChildren('SIGTERM');
                const reason = new errors/* ReleaseError */.K2('CANCELLED', `the run was cancelled: ${signal}`);
                progress.cancel(reason);
                cancel(reason);
            });
        }
    });
}


/***/ })

};
