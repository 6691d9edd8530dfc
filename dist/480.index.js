export const id = 480;
export const ids = [480];
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

/***/ 480:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  report: () => (/* binding */ report)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/adapters/runner/file-command.js
var file_command = __webpack_require__(6956);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/runner/outputs.js

/** Sets the step's outputs; where no runner collects them they are printed. Trouble is a warning, never a failure. */
async function writeOutputs(outputs, { log, early = false }) {
    const path = process.env.GITHUB_OUTPUT ?? '';
    if (path === '')
        return print(outputs, log);
    try {
        const set = early
            ? (name, value) => (0,file_command/* appendKeyValue */.d)(path, name, value)
            : (await Promise.all(/* import() */[__webpack_require__.e(119), __webpack_require__.e(955), __webpack_require__.e(838)]).then(__webpack_require__.bind(__webpack_require__, 3838))).setOutput;
        for (const [name, value] of Object.entries(outputs))
            set(name, value);
    }
    catch (error) {
        log.warning(`The outputs could not be written to ${path}: ${String(error)}.`);
    }
}
function print(outputs, log) {
    const given = Object.entries(outputs).filter(([, value]) => value !== '');
    log.info('There is no GITHUB_OUTPUT here, so the outputs are only printed.');
    for (const [name, value] of given)
        log.info(`  ${name}: ${value.replaceAll('\n', '\n    ')}`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/adapters/runner/summary.js

/** Adds Markdown to the job summary; where there is none it is printed. Trouble is a warning, never a failure. */
async function writeSummary(markdown, { log, early = false }) {
    const path = process.env.GITHUB_STEP_SUMMARY ?? '';
    if (path === '') {
        log.info(`There is no GITHUB_STEP_SUMMARY here, so the job summary is only printed.\n\n${markdown}`);
        return;
    }
    try {
        if (early)
            await (0,promises_.appendFile)(path, markdown);
        else
            await (await Promise.all(/* import() */[__webpack_require__.e(119), __webpack_require__.e(955), __webpack_require__.e(838)]).then(__webpack_require__.bind(__webpack_require__, 3838))).summary.addRaw(markdown).write();
    }
    catch (error) {
        log.warning(`The job summary could not be written to ${path}: ${String(error)}.`);
    }
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/errors.js
var errors = __webpack_require__(4679);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/report/format.js
var format = __webpack_require__(2888);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/failure.js

const LONGEST_LINE = 2000;
const LONGEST_CAUSE = 500;
const DEEPEST_CAUSE = 5;
const asIs = (text) => text;
/**
 * What failed, what to do, and why: `CODE: what failed: the value`, the hint, then the chain of causes. Secrets are taken
 * out before long lines are cut, since half a secret would not be known as one.
 */
function failureLines(error, redact = asIs) {
    return [
        ...error.problems.flatMap((problem) => problemLines(problem, redact)),
        ...causeLines(error, redact),
    ];
}
function problemLines({ code, message, hint }, redact = asIs) {
    return [`${code}: ${clip(oneLine(redact(message)), LONGEST_LINE)}`, redact(hint)];
}
/** `Caused by: …` for each error below this one; for a bug of ours also the place in our code. */
function causeLines(error, redact = asIs) {
    const causes = chainOf(error.cause)
        .map((cause) => (0,format/* clip */.$Q)((0,format/* oneLine */.TN)(redact(describe(cause))), LONGEST_CAUSE))
        .filter((line, index, all) => line !== (0,format/* oneLine */.TN)(redact(error.message)) && all.indexOf(line) === index)
        .map((line) => `Caused by: ${line}`);
    return error.code === 'INTERNAL' ? [...causes, ...placeOf(error)] : causes;
}
function chainOf(cause) {
    const chain = [];
    let next = cause;
    while (next !== undefined && next !== null && chain.length < DEEPEST_CAUSE) {
        chain.push(next);
        next = next instanceof AggregateError ? next.errors[0] : next instanceof Error ? next.cause : undefined;
    }
    return chain;
}
function describe(cause) {
    if (!(cause instanceof Error))
        return String(cause);
    // Errors of sockets often have a code and no message.
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
    return cause.message === '' ? code : cause.message;
}
function placeOf(error) {
    const source = error.cause instanceof Error ? error.cause : error;
    const frames = (source.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    return frames.slice(0, 8).map((line) => line.trimEnd());
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/descriptor.js
var model_descriptor = __webpack_require__(997);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/digest.js
var digest = __webpack_require__(7896);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/reference.js
var reference = __webpack_require__(8047);
// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/scan.js
var scan = __webpack_require__(2509);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/images.js


/** In the order of the plan. */
function reportedImages(release) {
    return (release.plan?.images ?? []).map((planned) => {
        const inspection = release.inspections.find((each) => each.image.planned.name === planned.name);
        const released = release.images.find((each) => each.planned.name === planned.name);
        return {
            planned,
            ...(inspection === undefined ? {} : { inspection }),
            ...(released === undefined ? {} : { released }),
        };
    });
}
/** The repository at the required registry. */
function firstRepository(planned) {
    return planned.repositories[0];
}
/**
 * The tags to tell: those that point at this image now; where a run stops by intention before any push (planned, gated),
 * those that it would set.
 */
function tagsOf(image, status) {
    if (image.released !== undefined) {
        const held = image.released.tags.filter((tag) => tag.outcome !== 'kept').map(({ ref }) => ref.tag);
        return [...new Set(held)];
    }
    return status === 'planned' || status === 'gated' ? image.planned.tags.map(({ tag }) => tag) : [];
}
/** The same as full references, at every registry. */
function tagRefsOf(image, status) {
    if (image.released !== undefined) {
        return image.released.tags.filter((tag) => tag.outcome !== 'kept').map(({ ref }) => (0,reference/* formatReference */.FH)(ref));
    }
    return image.planned.repositories.flatMap((repository) => tagsOf(image, status).map((tag) => (0,reference/* formatReference */.FH)({ repository, tag })));
}
/** Distinct findings over all platforms. */
function findingsOf(inspection) {
    const { vulnerabilities, secrets } = (0,scan/* countFindings */.Gt)(inspection);
    return {
        critical: vulnerabilities.CRITICAL,
        high: vulnerabilities.HIGH,
        medium: vulnerabilities.MEDIUM,
        low: vulnerabilities.LOW,
        unknown: vulnerabilities.UNKNOWN,
        secrets,
    };
}
/** Paths of the report files of these kinds, in the order of images and platforms. */
function reportPaths(inspections, kinds) {
    return inspections
        .flatMap(({ platforms }) => platforms.flatMap(({ reports }) => reports))
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ path }) => path);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/outputs.js




/**
 * The outputs of a release by name, as far as it came; they are described in docs/outputs.md. Every output has a value:
 * `''` for text, `[]` or `{}` for JSON that is not known.
 */
function outputsOf(release, paths = {}) {
    const { plan, status, inspections } = release;
    const images = reportedImages(release);
    const first = images[0];
    const top = first?.released?.subjects[0];
    return {
        version: plan?.version?.raw ?? '',
        prerelease: String(plan?.prerelease ?? false),
        image: first === undefined ? '' : (tagRefsOf(first, status)[0] ?? ''),
        digest: top?.digest ?? '',
        'image-ref': top === undefined ? '' : (0,reference/* formatReference */.FH)(top),
        images: JSON.stringify(images.map((image) => imageOutput(image, status))),
        digests: JSON.stringify(Object.fromEntries(release.images.map((image) => [image.planned.name, (0,digest/* hexOf */.ZD)(image.descriptor.digest)]))),
        tags: images.flatMap((image) => tagRefsOf(image, status)).join('\n'),
        pushed: String(images.length > 0 && images.every(({ released }) => released !== undefined)),
        plan: plan === undefined ? '{}' : JSON.stringify(planOutput(plan)),
        record: paths.record ?? '',
        'sbom-path': reportPaths(inspections, ['cyclonedx', 'spdx']).join('\n'),
        'sarif-path': reportPaths(inspections, ['sarif']).join('\n'),
        'scan-report-path': reportPaths(inspections, ['scan']).join('\n'),
        status,
        'error-code': status === 'failed' ? (release.problems[0]?.code ?? 'INTERNAL') : '',
    };
}
function imageOutput(image, status) {
    const { planned, inspection, released } = image;
    const repository = firstRepository(planned);
    const top = released?.subjects[0];
    return {
        name: planned.name,
        repository: repository === undefined ? null : (0,reference/* formatRepository */.Sh)(repository),
        digest: top?.digest ?? null,
        ref: top === undefined ? null : (0,reference/* formatReference */.FH)(top),
        tags: tagsOf(image, status),
        platforms: (released?.platforms ?? []).map(({ platform, descriptor }) => ({
            platform: (0,model_descriptor/* formatPlatform */.Bq)(platform),
            digest: descriptor.digest,
        })),
        sbom: inspection === undefined ? [] : reportPaths([inspection], ['cyclonedx', 'spdx']),
        findings: inspection === undefined ? {} : findingsOf(inspection),
    };
}
/** The plan as users' workflows read it. */
function planOutput(plan) {
    return {
        version: plan.version?.raw ?? null,
        prerelease: plan.prerelease,
        images: plan.images.map((image) => {
            const repository = firstRepository(image);
            return {
                name: image.name,
                repository: repository === undefined ? null : (0,reference/* formatRepository */.Sh)(repository),
                tags: image.tags.map(({ tag }) => tag),
            };
        }),
        steps: plan.steps.map(({ id, do: decision, reason }) => ({ id, do: decision, reason })),
        problems: plan.problems.map(({ code, message, hint }) => ({ code, message, hint })),
    };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/record.js



/** Grows by new fields; a field that changes its meaning makes it 2. The fields stand in docs/outputs.md. */
const RECORD_VERSION = 1;
/** release.json: the whole release as data, as far as it came. Paths are those of the runner. */
function recordOf(release) {
    const { plan, verdict, policy, scanner } = release;
    return {
        schemaVersion: RECORD_VERSION,
        status: release.status,
        plan: plan === undefined ? null : planRecord(plan),
        steps: release.steps,
        images: reportedImages(release).map(imageRecord),
        gate: policy === undefined
            ? null
            : {
                severities: policy.severities,
                ignoreUnfixed: policy.ignoreUnfixed,
                scanner: scanner ?? null,
                verdict: verdict === undefined ? null : verdictRecord(verdict),
            },
        tools: release.tools,
        problems: release.problems,
    };
}
/** The record as the text of the file. */
function recordText(release) {
    return `${JSON.stringify(recordOf(release), null, 2)}\n`;
}
function planRecord(plan) {
    return {
        command: plan.command,
        event: plan.event,
        kind: plan.kind,
        dryRun: plan.dryRun,
        version: plan.version?.raw ?? null,
        prerelease: plan.prerelease,
        revision: plan.revision,
        sourceDateEpoch: plan.sourceDateEpoch,
        dirty: plan.dirty,
        images: plan.images.map(plannedRecord),
        steps: plan.steps,
        problems: plan.problems,
    };
}
function plannedRecord(image) {
    return {
        name: image.name,
        source: image.source,
        repositories: image.repositories.map(reference/* formatRepository */.Sh),
        tags: image.tags,
        platforms: image.platforms.map(model_descriptor/* formatPlatform */.Bq),
        labels: image.labels,
        annotations: image.annotations,
        parents: image.parents,
        planHash: image.planHash ?? null,
    };
}
function imageRecord({ planned, inspection, released }) {
    const made = released ?? inspection?.image;
    const top = released?.descriptor ?? inspection?.image.top;
    return {
        name: planned.name,
        origin: made?.origin ?? null,
        digest: top?.digest ?? null,
        mediaType: top?.mediaType ?? null,
        /** Compressed bytes of all distinct blobs. */
        size: made?.size ?? null,
        pushed: released !== undefined,
        subjects: (released?.subjects ?? []).map(reference/* formatReference */.FH),
        blobs: released?.blobs ?? null,
        platforms: (made?.platforms ?? []).map(({ platform, descriptor }) => ({
            platform: (0,model_descriptor/* formatPlatform */.Bq)(platform),
            digest: descriptor.digest,
            reports: inspection?.platforms.find((each) => each.descriptor.digest === descriptor.digest)?.reports ?? [],
        })),
        findings: inspection === undefined ? null : findingsOf(inspection),
        tags: (released?.tags ?? []).map(({ ref, kind, outcome, previous, reason }) => ({
            ref: (0,reference/* formatReference */.FH)(ref),
            kind,
            outcome,
            previous: previous ?? null,
            reason: reason ?? null,
        })),
    };
}
function verdictRecord(verdict) {
    return {
        passed: verdict.passed,
        violations: verdict.violations.map(violationRecord),
        waived: verdict.waived.map((waived) => ({ ...violationRecord(waived), waiver: waived.waiver })),
        unfixed: verdict.unfixed.map(violationRecord),
        expiredWaivers: verdict.expiredWaivers,
        expiringWaivers: verdict.expiringWaivers,
        unusedWaivers: verdict.unusedWaivers,
    };
}
function violationRecord({ image, platforms, finding }) {
    return { image, platforms, finding };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/redact.js
/**
 * The release without secrets in its free text, before outputs, summary and record are made from it. Names, tags and
 * digests stay as they are: they are checked, and a short secret must not blank part of a digest.
 */
function redactRelease(release, redact) {
    const { plan, verdict } = release;
    return {
        ...release,
        steps: release.steps.map((step) => redactReason(step, redact)),
        problems: release.problems.map((problem) => redactProblem(problem, redact)),
        ...(plan === undefined
            ? {}
            : {
                plan: {
                    ...plan,
                    steps: plan.steps.map((step) => ({ ...step, reason: redact(step.reason) })),
                    problems: plan.problems.map((problem) => redactProblem(problem, redact)),
                },
            }),
        ...(verdict === undefined
            ? {}
            : {
                verdict: {
                    ...verdict,
                    violations: verdict.violations.map((violation) => redactTitle(violation, redact)),
                    waived: verdict.waived.map((violation) => redactTitle(violation, redact)),
                    unfixed: verdict.unfixed.map((violation) => redactTitle(violation, redact)),
                },
            }),
    };
}
function redactProblem(problem, redact) {
    return { ...problem, message: redact(problem.message), hint: redact(problem.hint) };
}
function redactReason(step, redact) {
    return step.reason === undefined ? step : { ...step, reason: redact(step.reason) };
}
function redactTitle(violation, redact) {
    const { finding } = violation;
    return { ...violation, finding: { ...finding, title: redact(finding.title) } };
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/markdown.js

/**
 * Markdown in which foreign text stays data. A character written as a numeric reference is never syntax: neither of
 * Markdown nor of HTML, nor a cell's end. https://github.github.com/gfm/#entity-and-numeric-character-references
 */
const LONGEST_CELL = 300;
const LINE_ENDS = /\s*(?:\r\n|\r|\n)\s*/g;
/** Control characters, and those that turn the direction of writing around. */
const INVISIBLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** Markup, mentions, mathematics, emoji (`:x:`) and bare links; an underscore inside a word is harmless. */
const SYNTAX = /[&<>"'`|\\*[\]~$@#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/|[\d_+-]*[a-z][\w+-]*:)/g;
/** Inside HTML's code element Markdown is still read. */
const SYNTAX_OF_CODE = /[^\w./ -]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
/** Text that may stand between backticks as it is, also in a table. */
const SAFE_CODE = /^[\w./:@+=,#%() -]*$/;
/** Foreign text as plain words on one line. */
function markdown_text(foreign, longest = LONGEST_CELL) {
    return markdown_reference(oneLined((0,format/* clip */.$Q)(foreign, longest)), SYNTAX);
}
/** Foreign text in a monospaced font. */
function code(foreign, longest = LONGEST_CELL) {
    const line = oneLined((0,format/* clip */.$Q)(foreign, longest));
    if (line === '')
        return '';
    return SAFE_CODE.test(line) ? `\`${line}\`` : `<code>${markdown_reference(line, SYNTAX_OF_CODE)}</code>`;
}
/** A link when the address is an https one, else only its words. */
function markdown_link(words, address) {
    if (address === undefined || !URL.canParse(address))
        return markdown_text(words);
    const url = new URL(address);
    if (url.protocol !== 'https:' || url.username !== '')
        return markdown_text(words);
    const target = url.href.replaceAll(/[^\w./:?&=%~+-]/g, percent);
    return target.length > 500 ? markdown_text(words) : `[${markdown_text(words)}](${target})`;
}
/**
 * A table of at most `maxBytes`, or of all rows that fit and a sentence that says what was left out and where it is.
 * Without rows it is empty.
 */
function table({ head, rows }, maxBytes, whole) {
    if (rows.length === 0)
        return '';
    const lines = [row(head), row(head.map(() => '---'))];
    let left = maxBytes;
    let shown = 0;
    for (const cells of rows) {
        const line = row(cells);
        left -= Buffer.byteLength(line) + 1;
        if (left < 0)
            break;
        lines.push(line);
        shown += 1;
    }
    const cut = rows.length - shown;
    const note = `\nOnly the first ${shown} of ${rows.length} rows are shown here; ${whole}\n`;
    return `${lines.join('\n')}\n${cut === 0 ? '' : note}`;
}
/** A fold that is closed at first. The title is Markdown; the body stands on lines of its own. */
function fold(title, body) {
    return body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n</details>\n`;
}
/** A heading of the third level with its body, or nothing for an empty body. */
function section(title, body) {
    return body === '' ? '' : `### ${title}\n\n${body}`;
}
function row(cells) {
    return `| ${cells.join(' | ')} |`;
}
/** Of an ASCII character, which is all that a URL has. https://url.spec.whatwg.org/#percent-encoded-bytes */
function percent(char) {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
function oneLined(foreign) {
    return foreign.replaceAll(LINE_ENDS, ' ').replaceAll(INVISIBLE, '');
}
function markdown_reference(line, pattern) {
    return line.replaceAll(pattern, (char) => `&#${char.codePointAt(0)};`);
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary-gate.js



const EVERYTHING = 'the scan reports and release.json have all of them.';
/** What the policy does not allow, with the versions that repair it; below, what was let through and why. */
function findingsSection({ verdict, policy }) {
    if (verdict === undefined)
        return '';
    const rows = [...verdict.violations].sort(worstFirst).map(findingRow);
    const head = ['Severity', 'Finding', 'Package', 'Installed', 'Fixed in', 'Where', 'Image'];
    const severities = policy === undefined ? '' : ` of ${policy.severities.join(', ')}`;
    const found = rows.length === 0
        ? `The gate found nothing${severities} that the policy does not allow.\n`
        : table({ head, rows }, 250_000, EVERYTHING);
    const unfixed = [...verdict.unfixed].sort(worstFirst).map(findingRow);
    const title = `${(0,format/* count */.U9)(unfixed.length, 'finding')} without a fix, let through by <code>ignore-unfixed</code>`;
    const more = fold(unfixed.length === 0 ? '' : title, table({ head, rows: unfixed }, 80_000, EVERYTHING));
    return more === '' ? found : `${found}\n${more}`;
}
/** Secrets first, then by severity. */
function worstFirst(a, b) {
    return rank(b.finding) - rank(a.finding);
}
function rank({ kind, severity }) {
    return (kind === 'secret' ? scan/* SEVERITIES */.oC.length : 0) + scan/* SEVERITIES */.oC.indexOf(severity);
}
function findingRow({ finding, image, platforms }) {
    const { kind, id, severity, title, installed, fixed, location, line, url } = finding;
    const words = kind === 'secret' ? `secret: ${markdown_text(title)}` : markdown_link(id, url);
    const where = line === undefined ? location : `${location}:${line}`;
    return [
        severity,
        words,
        code(finding.package),
        code(installed),
        fixed === undefined || fixed === '' ? '–' : code(fixed),
        code(where),
        `${markdown_text(image)} (${markdown_text(platforms.join(', '))})`,
    ];
}
/** Every waiver that was used, has expired, expires soon, or covers nothing. */
function waiversSection({ verdict }) {
    if (verdict === undefined)
        return '';
    const head = ['State', 'Waiver', 'Covers', 'Expires', 'Owner', 'Reason'];
    return table({ head, rows: waiverRows(verdict) }, 60_000, 'release.json has all of them.');
}
function waiverRows(verdict) {
    const expiring = new Set(verdict.expiringWaivers.map(key));
    const uses = new Map();
    for (const { waiver } of verdict.waived) {
        const times = uses.get(key(waiver))?.times ?? 0;
        uses.set(key(waiver), { waiver, times: times + 1 });
    }
    const soon = verdict.expiringWaivers.filter((waiver) => !uses.has(key(waiver)));
    return [
        ...verdict.expiredWaivers.map((waiver) => summary_gate_row('expired, counts as a finding', waiver, 0)),
        ...soon.map((waiver) => summary_gate_row('expires within 14 days', waiver, 0)),
        ...[...uses.values()].map(({ waiver, times }) => summary_gate_row(expiring.has(key(waiver)) ? 'used, expires within 14 days' : 'used', waiver, times)),
        ...verdict.unusedWaivers.map((waiver) => summary_gate_row('unused', waiver, 0)),
    ];
}
function key({ kind, id, paths }) {
    return JSON.stringify([kind, id, paths]);
}
function summary_gate_row(state, waiver, times) {
    const paths = waiver.paths.length === 0 ? '' : ` in ${code(waiver.paths.join(', '))}`;
    return [
        state,
        `${code(waiver.id)}${paths}`,
        times === 0 ? '–' : (0,format/* count */.U9)(times, 'finding'),
        markdown_text(waiver.expiredAt ?? 'never'),
        markdown_text(waiver.owner ?? '–'),
        markdown_text(waiver.statement),
    ];
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/model/plan.js
var model_plan = __webpack_require__(4403);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary-head.js



const MARKS = {
    released: '✅',
    unchanged: '✅',
    gated: '🛡️',
    planned: '📋',
    failed: '❌',
};
const SHOWN_PROBLEMS = 50;
const LONGEST_MESSAGE = 1000;
/** The heading and one sentence: what is true now. */
function headOf(release) {
    const { plan, status } = release;
    const name = plan?.version?.raw ?? plan?.revision.slice(0, 12) ?? '';
    return `## ${MARKS[status]} module-release${name === '' ? '' : ` ${markdown_text(name)}`}: ${status}\n\n${sentenceOf(release)}`;
}
function sentenceOf(release) {
    const { plan, status, images } = release;
    const planned = plan?.images.length ?? 0;
    switch (status) {
        case 'released':
            return `${(0,format/* count */.U9)(images.length, 'image')} passed the gate, ${images.length === 1 ? 'is' : 'are'} in the registry, and ${images.length === 1 ? 'has its' : 'have their'} tags.`;
        case 'unchanged':
            return `${(0,format/* count */.U9)(images.length, 'image')} of this commit ${images.length === 1 ? 'was' : 'were'} already in the registry, and passed today's gate again; nothing had to be changed.`;
        case 'gated':
            return `${(0,format/* count */.U9)(planned, 'image')} passed the gate. Nothing was pushed: ${markdown_text(plan === undefined ? '' : (0,model_plan/* stepDecision */.R_)(plan, 'push').reason)}`;
        case 'planned':
            return `This is what a release would do with ${(0,format/* count */.U9)(planned, 'image')}. Nothing was built and nothing was written.`;
        case 'failed':
            return `The release failed with ${code(release.problems[0]?.code ?? 'INTERNAL')}. ${whereItStands(release)}`;
    }
}
function whereItStands({ plan, images, verdict }) {
    const tags = images.flatMap((image) => image.tags).filter((tag) => tag.outcome !== 'kept').length;
    if (images.length > 0) {
        return `${images.length} of ${(0,format/* count */.U9)(plan?.images.length ?? 0, 'image')} ${images.length === 1 ? 'is' : 'are'} in the registry by digest, and ${(0,format/* count */.U9)(tags, 'tag')} of them ${tags === 1 ? 'points' : 'point'} there. A re-run continues from here.`;
    }
    return verdict?.passed === true ? 'No tag was set.' : 'Nothing left the runner.';
}
/** Every problem with its code, what it is, and what to do. */
function problemsSection({ problems }) {
    const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ code: id, message, hint, at }) => {
        const place = at === undefined ? '' : ` (${code(at.line === undefined ? at.file : `${at.file}:${at.line}`)})`;
        return `- ${code(id)}: ${markdown_text(message, LONGEST_MESSAGE)}${place}<br>${markdown_text(hint, LONGEST_MESSAGE)}`;
    });
    const rest = problems.length - shown.length;
    const note = rest > 0 ? `\n\n${rest} more stand in the log and in release.json.` : '';
    return `${shown.join('\n')}${note}`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary-images.js






const ORIGINS = {
    built: 'built',
    adopted: 'adopted from the registry',
    brought: 'brought',
};
/** Images × platforms with digest, size and findings. */
function imagesSection(release) {
    const rows = reportedImages(release).flatMap(imageRows);
    const head = ['Image', 'Platform', 'Digest', 'Size', 'Critical', 'High', 'Medium', 'Low', 'Secrets'];
    return table({ head, rows }, 200_000, 'the output `images` and release.json have all of them.');
}
function imageRows(image) {
    const { planned, inspection, released } = image;
    const made = released ?? inspection?.image;
    const top = released?.descriptor ?? inspection?.image.top;
    if (made === undefined || top === undefined)
        return [];
    const name = `**${markdown_text(planned.name)}** (${ORIGINS[made.origin]})`;
    const counts = inspection === undefined ? undefined : findingsOf(inspection);
    const [only] = made.platforms;
    const isOne = made.platforms.length === 1 && only?.descriptor.digest === top.digest;
    const kind = isOne && only !== undefined ? markdown_text((0,model_descriptor/* formatPlatform */.Bq)(only.platform)) : 'all';
    const first = [name, kind, code((0,digest/* shortDigest */.VK)(top.digest)), (0,format/* formatBytes */.z3)(made.size), ...cells(counts)];
    return isOne ? [first] : [first, ...platformRows(image, made.platforms)];
}
function platformRows({ inspection }, platforms) {
    return platforms.map(({ platform, descriptor }) => {
        const name = (0,model_descriptor/* formatPlatform */.Bq)(platform);
        const seen = inspection?.platforms.find((each) => (0,model_descriptor/* formatPlatform */.Bq)(each.platform) === name);
        const counts = inspection === undefined || seen === undefined
            ? undefined
            : findingsOf({ image: inspection.image, platforms: [seen] });
        return ['', markdown_text(name), code((0,digest/* shortDigest */.VK)(descriptor.digest)), '', ...cells(counts)];
    });
}
function cells(counts) {
    if (counts === undefined)
        return ['–', '–', '–', '–', '–'];
    const { critical, high, medium, low, secrets } = counts;
    return [critical, high, medium, low, secrets].map(String);
}
/** One command for each image, by digest: what is pulled is what was scanned. */
function pullSection({ images }) {
    const lines = images.flatMap(({ subjects }) => subjects.slice(0, 1).map((ref) => `docker pull ${(0,reference/* formatReference */.FH)(ref)}`));
    if (lines.length === 0)
        return '';
    const shown = lines.slice(0, 200);
    const rest = lines.length - shown.length;
    const note = rest > 0 ? `\n${rest} more images are in the output \`images\`.\n` : '';
    return `\`\`\`sh\n${shown.join('\n')}\n\`\`\`\n${note}`;
}
/** Every tag with what became of it. */
function tagsSection({ images }) {
    const rows = images.flatMap((image) => image.tags.map((tag) => [
        code((0,reference/* formatReference */.FH)(tag.ref)),
        tag.kind,
        outcome(tag, image.descriptor.digest),
    ]));
    return table({ head: ['Tag', 'Kind', 'Outcome'], rows }, 120_000, 'release.json has all of them.');
}
function outcome({ outcome: what, previous, reason }, now) {
    const why = reason === undefined ? '' : `: ${markdown_text(reason)}`;
    switch (what) {
        case 'moved':
            return previous === undefined
                ? `moved to ${code((0,digest/* shortDigest */.VK)(now))}${why}`
                : `moved from ${code((0,digest/* shortDigest */.VK)(previous))} to ${code((0,digest/* shortDigest */.VK)(now))}${why}`;
        case 'kept':
            return `left alone${previous === undefined ? '' : ` at ${code((0,digest/* shortDigest */.VK)(previous))}`}${why}`;
        case 'created':
        case 'unchanged':
            return `${what}${why}`;
    }
}
/** `ghcr.io/acme/base`, of the required registry. */
function repositoryWords(image) {
    const repository = firstRepository(image);
    return repository === undefined ? '' : (0,reference/* formatRepository */.Sh)(repository);
}

// EXTERNAL MODULE: ./.build-fGJxXh/lib/report/plan-text.js
var plan_text = __webpack_require__(114);
;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary-plan.js





/** What was planned for each image: where it comes from, where it goes, and its tags. */
function planSection({ plan }) {
    if (plan === undefined)
        return '';
    const rows = plan.images.map((image) => [
        `**${markdown_text(image.name)}**`,
        markdown_text((0,plan_text/* sourceWords */.hI)(image.source)),
        markdown_text(image.platforms.map(model_descriptor/* formatPlatform */.Bq).join(', ') || 'default of the builder'),
        code(repositoryWords(image)),
        image.tags.map((tag) => `${code(tag.tag)} (${markdown_text((0,plan_text/* tagWords */.u0)(tag))})`).join('<br>') || 'none',
    ]);
    const head = ['Image', 'Source', 'Platforms', 'Repository', 'Tags'];
    return table({ head, rows }, 100_000, 'the output `plan` has all of them.');
}
/** Each step: what the plan decided, what came of it, and why. */
function stepsSection({ plan, steps }) {
    if (plan === undefined)
        return '';
    const rows = plan.steps.map(({ id, do: decision, reason }) => {
        const result = steps.find((step) => step.id === id);
        const why = result?.reason ?? reason;
        return [id, decision, result?.status ?? '–', took(result), markdown_text(why)];
    });
    return table({ head: ['Step', 'Plan', 'Result', 'Time', 'Reason'], rows }, 20_000, 'release.json has all.');
}
function took(result) {
    return result === undefined || result.status === 'skipped' ? '–' : (0,format/* formatDuration */.a3)(result.durationMs);
}
/** The tools that made and judged the images, and how old the judge's knowledge was. */
function toolsSection({ tools, scanner }) {
    const rows = tools.map(({ name, version, from }) => [markdown_text(name), code(version), markdown_text(from)]);
    const list = table({ head: ['Tool', 'Version', 'From'], rows }, 20_000, 'release.json has all of them.');
    const database = scanner?.database;
    if (database === undefined)
        return list;
    const digest = database.digest === undefined ? '' : `, digest ${code(database.digest)}`;
    return `${list}\nThe vulnerability database is of ${markdown_text(database.updatedAt)}, from ${code(database.source)}${digest}.\n`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary-times.js

/** Tags of mermaid's tasks, which give their colors. */
const TAGS = {
    done: 'done',
    simulated: 'active',
    failed: 'crit',
    skipped: '',
};
/**
 * The steps over time. The axis shows local time of day, so the run is drawn from midnight of a day without a change of
 * the clocks: minutes and seconds are then right in every time zone. https://mermaid.js.org/syntax/gantt.html
 */
function ganttSection({ steps }) {
    const tasks = steps.filter(({ status }) => status !== 'skipped').map(taskLine);
    if (tasks.length === 0)
        return '';
    const lines = [
        'gantt',
        '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
        '  axisFormat %H:%M:%S',
        '  todayMarker off',
        '  section Steps',
        ...tasks,
    ];
    return `\`\`\`mermaid\n${lines.join('\n')}\n\`\`\`\n`;
}
function taskLine({ id, status, startedMs, durationMs }) {
    const tag = TAGS[status] === '' ? '' : `${TAGS[status]}, `;
    const length = Math.max(1, Math.round(durationMs));
    return `  ${id} (${(0,format/* formatDuration */.a3)(durationMs)}) :${tag}${id}, ${fromMidnight(startedMs)}, ${length}ms`;
}
function fromMidnight(milliseconds) {
    const time = new Date(Date.UTC(2000, 0, 1) + Math.max(0, Math.round(milliseconds)));
    return time.toISOString().slice(0, -1).replace('T', ' ');
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/report/summary.js






/**
 * The runner drops a step's summary whole when it is larger than 1 MiB, so we stay clearly below it.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
const SUMMARY_LIMIT = 1_000_000;
/** The job summary in Markdown, from the release alone. What does not fit is named, with the place where it stands. */
function summaryOf(release) {
    const parts = [
        { title: 'Problems', body: problemsSection(release) },
        { title: 'Images', body: imagesSection(release) },
        { title: 'Findings', body: findingsSection(release) },
        { title: 'Waivers', body: waiversSection(release) },
        { title: 'Pull', body: pullSection(release) },
        { title: 'Tags', body: tagsSection(release) },
        { title: 'Plan', body: planSection(release) },
        { title: 'Steps', body: stepsSection(release) },
        { title: 'Timings', body: ganttSection(release) },
        { title: 'Tools', body: toolsSection(release) },
    ];
    return bounded([headOf(release), ...parts.map(({ title, body }) => section(title, body))]);
}
function bounded(parts) {
    const kept = [];
    let bytes = 0;
    let dropped = 0;
    for (const part of parts.filter((each) => each !== '')) {
        const size = Buffer.byteLength(part) + 2;
        if (bytes + size > SUMMARY_LIMIT - 1000) {
            dropped += 1;
            continue;
        }
        bytes += size;
        kept.push(part.trimEnd());
    }
    if (dropped > 0)
        kept.push(`A summary has at most 1 MiB, so ${dropped} of its sections are left out; release.json has them.`);
    return `${kept.join('\n\n')}\n`;
}

;// CONCATENATED MODULE: ./.build-fGJxXh/lib/conclude.js










/** Outputs, summary and release.json, on success and on failure, as far as the run came. */
async function report(raw, { log, masks, reports, early = false, error }) {
    if (error !== undefined)
        for (const line of causeLines((0,errors/* toReleaseError */.Tp)(error), masks.redact))
            log.info(line);
    const release = redactRelease(raw, masks.redact);
    const record = reports === undefined ? undefined : (0,external_node_path_.join)(reports, 'release.json');
    if (record !== undefined)
        await (0,promises_.writeFile)(record, recordText(release));
    await writeOutputs(outputsOf(release, record === undefined ? {} : { record }), { log, early });
    await writeSummary(summaryOf(release), { log, early });
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


/***/ })

};
