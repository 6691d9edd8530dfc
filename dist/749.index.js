export const id = 749;
export const ids = [749];
export const modules = {

/***/ 3749:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   yamlReader: () => (/* binding */ yamlReader)
/* harmony export */ });
/**
 * Reads YAML 1.2 (core schema) by the library `yaml`, which the caller loads only when there is something to read: it
 * costs as much start-up time as everything else together.
 */
function yamlReader(yaml) {
    return (text) => {
        const lineCounter = new yaml.LineCounter();
        try {
            const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
            const error = document.errors[0];
            if (error !== undefined) {
                return { ok: false, message: error.message, line: lineCounter.linePos(error.pos[0]).line };
            }
            const lineOf = (path) => {
                let node = document.contents;
                let line;
                for (const key of path) {
                    if (!yaml.isMap(node))
                        return line;
                    const pair = node.items.find((item) => yaml.isScalar(item.key) && String(item.key.value) === key);
                    if (pair === undefined)
                        return line;
                    if (yaml.isScalar(pair.key) && pair.key.range)
                        line = lineCounter.linePos(pair.key.range[0]).line;
                    node = pair.value;
                }
                return line;
            };
            return { ok: true, value: document.toJS({ maxAliasCount: 100 }), lineOf };
        }
        catch (error) {
            // An alias bomb (ReferenceError), or nesting deeper than the stack (RangeError).
            return { ok: false, message: error instanceof Error ? error.message : String(error) };
        }
    };
}


/***/ })

};
