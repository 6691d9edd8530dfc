/** A line through points; `x` and `y` in the units of the panel. */
export type Series = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };
export type Panel = { readonly title: string; readonly unit: string; readonly series: readonly Series[] };

const [WIDTH, HEIGHT] = [400, 300];
const BOX = { left: 56, top: 48, right: 16, bottom: 44 };
const COLORS = ['ours', 'theirs'];

/**
 * Panels side by side as an SVG file: points, lines between them, and both axes from zero. The same figures make the same
 * bytes. Colours change with the reader's scheme, and lines differ in form too. https://www.w3.org/TR/SVG2/
 */
export function plotSvg(panels: readonly Panel[], xTitle: string): string {
  const width = WIDTH * panels.length;
  const height = HEIGHT + 36;
  const names = panels[0]?.series.map(({ name }) => name) ?? [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(panels.map(({ title }) => title).join('; '))}</title>`,
    '<style>',
    'text { fill: #1f2328 } .line { fill: none; stroke-width: 2 } .axis { stroke: #59636e } .grid { stroke: #d1d9e0 }',
    '.ours { stroke: #0969da } .theirs { stroke: #bc4c00; stroke-dasharray: 6 4 } .point.ours { fill: #0969da } .point.theirs { fill: #bc4c00; stroke-dasharray: none }',
    '@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .axis { stroke: #9198a1 } .grid { stroke: #3d444d }',
    '.ours { stroke: #4493f8 } .theirs { stroke: #f0883e } .point.ours { fill: #4493f8 } .point.theirs { fill: #f0883e } }',
    '</style>',
    ...panels.flatMap((panel, i) => drawPanel(panel, i * WIDTH, xTitle)),
    ...names.flatMap((name, i) => drawKey(name, 56 + i * 340, HEIGHT + 18, COLORS[i] ?? 'ours')),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, unit, series }: Panel, left: number, xTitle: string): readonly string[] {
  const points = series.flatMap((each) => each.points);
  const [mostX, mostY] = [Math.max(1, ...points.map(([x]) => x)), Math.max(0, ...points.map(([, y]) => y))];
  const step = niceStep(mostY / 5);
  const top = Math.max(step, Math.ceil(mostY / step) * step);
  const place = ([x, y]: readonly [number, number]): readonly [string, string] => [
    round(left + BOX.left + (x / mostX) * (WIDTH - BOX.left - BOX.right)),
    round(HEIGHT - BOX.bottom - (y / top) * (HEIGHT - BOX.top - BOX.bottom)),
  ];
  const [start, end] = [place([0, 0]), place([mostX, 0])];
  const rows = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  const columns = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  return [
    `<text x="${round(left + BOX.left)}" y="24" font-weight="600">${escaped(title)}</text>`,
    ...rows.flatMap((y) => {
      const [, at] = place([0, y]);
      const kind = y === 0 ? 'axis' : 'grid';
      return [
        `<line class="${kind}" x1="${start[0]}" y1="${at}" x2="${end[0]}" y2="${at}"/>`,
        `<text x="${round(Number(start[0]) - 8)}" y="${round(Number(at) + 4)}" text-anchor="end">${round(y)}${y === top ? ` ${escaped(unit)}` : ''}</text>`,
      ];
    }),
    ...columns.map((x) => {
      const [at] = place([x, 0]);
      return `<text x="${at}" y="${HEIGHT - BOX.bottom + 16}" text-anchor="middle">${x}</text>`;
    }),
    `<text x="${round((Number(start[0]) + Number(end[0])) / 2)}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(xTitle)}</text>`,
    ...series.flatMap(({ points: own }, i) => {
      const color = COLORS[i] ?? 'ours';
      const placed = own.map(place);
      return [
        `<polyline class="line ${color}" points="${placed.map((at) => at.join(',')).join(' ')}"/>`,
        ...placed.map(([x, y]) => `<circle class="point ${color}" cx="${x}" cy="${y}" r="3"/>`),
      ];
    }),
  ];
}

function drawKey(name: string, x: number, y: number, color: string): readonly string[] {
  return [
    `<line class="line ${color}" x1="${x}" y1="${y - 4}" x2="${x + 28}" y2="${y - 4}"/>`,
    `<text x="${x + 36}" y="${y}">${escaped(name)}</text>`,
  ];
}

/** 1, 2 or 5 times a power of ten, the next one above. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
