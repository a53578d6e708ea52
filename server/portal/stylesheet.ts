/** The one stylesheet of the pages; it stands in each of them, allowed there by its hash. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f8; --sheet: #ffffff; --ink: #16202c; --quiet: #51606f; --edge: #7b8896;
  --line: #d9dfe6; --accent: #0b5cad; --accent-ink: #ffffff; --accent-soft: #e8f1fb;
  --bad: #a3161c; --bad-soft: #fdeeee; --good: #17663a; --good-soft: #e9f6ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141a; --sheet: #18202a; --ink: #e8edf3; --quiet: #a5b2c0; --edge: #76869a;
    --line: #2c3845; --accent: #7db7f5; --accent-ink: #0b1622; --accent-soft: #1b2d42;
    --bad: #ffa9a6; --bad-soft: #3a1d20; --good: #86dba8; --good-soft: #173226;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  display: flex; flex-direction: column; }
a, strong, span { unicode-bidi: isolate; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--sheet); padding: .25rem .75rem; }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center;
  justify-content: space-between; padding: .75rem 1.25rem; background: var(--sheet);
  border-bottom: 1px solid var(--line); }
.brand { display: inline-flex; gap: .6rem; align-items: center; font-weight: 650;
  color: inherit; text-decoration: none; }
.brand svg { width: 2.1rem; height: 1.3rem; display: block; }
.who { margin: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; font-size: .9rem; }
.who div { display: flex; gap: .35rem; }
.who dt { color: var(--quiet); }
.who dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
main { flex: 1; width: 100%; max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
main.narrow { max-width: 27rem; padding-top: min(12vh, 5rem); }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.5rem; margin: 0 0 1.25rem; box-shadow: 0 1px 2px rgb(0 0 0 / .06); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h1 + .sheet, .head + .sheet { margin-top: 1rem; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; }
.quiet { color: var(--quiet); }
label { display: block; font-weight: 600; margin: 1rem 0 .3rem; }
input, select, textarea { font: inherit; width: 100%; padding: .6rem .75rem; color: inherit;
  min-height: 2.75rem;
  background: var(--sheet); border: 1px solid var(--edge); border-radius: 8px; }
textarea { display: block; resize: vertical; }
input.number { width: 7rem; }
:is(input, select, textarea)[aria-invalid='true'] { border-color: var(--bad); border-width: 2px; }
input.code { font: 600 1.35rem/1.3 ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace;
  letter-spacing: .25em; }
.choice { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; margin: 0;
  font-weight: 400; cursor: pointer; }
.what { display: block; flex: 1; min-width: 0; }
.list .choice { align-items: flex-start; }
.list .choice input { margin-top: .15rem; }
.list .picked { padding-left: 1.8rem; }
.choice input { width: 1.2rem; height: 1.2rem; min-height: 0; margin: 0; flex: none;
  accent-color: var(--accent); }
input.key { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace;
  text-transform: uppercase; letter-spacing: .06em; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
code { font-size: 1rem; overflow-wrap: anywhere; }
.wrap { overflow-wrap: anywhere; }
.group + .group { margin-top: 1rem; }
fieldset[aria-invalid='true'], .choice:has([aria-invalid='true']) { color: var(--bad); }
.group .choice { padding: .3rem 0; }
.checkout legend, .group legend { font-size: 1rem; }
.list:last-child li:last-child { padding-bottom: 0; }
.terms { margin: 0 0 .75rem; padding-left: 1.25rem; }
.terms li { margin: .35rem 0; }
.checkout:not(:has(#method-invoice:checked)) .when-invoice,
.checkout:not(:has(#ship-to-other:checked)) .when-other { display: none; }
.qr { display: block; width: 15rem; height: 15rem; max-width: 100%; image-rendering: pixelated;
  border-radius: 8px; }
.gap { margin-top: .75rem; }
.last { margin-bottom: 0; }
.question + .question { margin-top: 1.25rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
fieldset + .wide, .after fieldset + .wide { margin-top: .75rem; }
.hint { display: block; margin-top: .3rem; font-size: .9rem; color: var(--quiet); }
button, .button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .55rem 1.1rem;
  border-radius: 8px; border: 1px solid var(--accent); background: var(--accent);
  color: var(--accent-ink); cursor: pointer; text-decoration: none; display: inline-flex;
  align-items: center; justify-content: center; text-align: center; }
.head + .facts { margin-top: .5rem; }
button:hover, .button:hover { filter: brightness(1.08); }
.second { background: transparent; color: var(--accent); }
.second:hover { background: var(--accent-soft); }
.wide { width: 100%; margin-top: 1.25rem; }
.after { margin-top: .75rem; }
.after .wide { margin-top: 0; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: 1rem 0 0; }
.row.tight { margin: 0; }
.row.end { align-items: flex-end; }
.row label:not(.choice) { margin-top: 0; }
.note { border-radius: 8px; padding: .75rem 1rem; margin: .75rem 0 1rem; border-left: 4px solid; }
.note p { margin: 0; }
.note p + p { margin-top: .4rem; }
.note.bad { background: var(--bad-soft); color: var(--bad); border-color: currentcolor; }
.note.good { background: var(--good-soft); color: var(--good); border-color: currentcolor; }
.state { display: inline-block; font-size: .85rem; font-weight: 650; border-radius: 99px;
  padding: .1rem .7rem; border: 1px solid currentcolor; white-space: nowrap; }
.state.good { color: var(--good); } .state.bad { color: var(--bad); }
.facts { margin: 0; display: grid; grid-template-columns: minmax(7rem, max-content) 1fr;
  gap: .35rem 1.25rem; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.head { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between;
  align-items: baseline; }
.tabs { display: flex; flex-wrap: wrap; gap: 0 .25rem; margin: 0 0 1.25rem; padding: 0;
  list-style: none;
  border-bottom: 1px solid var(--line); }
.tabs a { display: block; padding: .6rem .9rem; text-decoration: none; font-weight: 600;
  color: var(--quiet); border-bottom: 3px solid transparent; margin-bottom: -1px; }
.tabs a[aria-current] { color: var(--ink); border-color: var(--accent); }
.list { list-style: none; margin: 0; padding: 0; }
.list li { padding: .8rem 0; border-top: 1px solid var(--line); }
.list li:first-child { border-top: 0; padding-top: .25rem; }
details { margin-top: .75rem; }
summary { cursor: pointer; font-weight: 600; color: var(--accent); padding: .35rem 0; }
details > .facts { margin: .5rem 0 1rem; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { font-weight: 650; font-size: 1.05rem; padding: 0; margin-bottom: .35rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 0 1rem; }
.wide-pair { grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); }
@media (max-width: 30rem) {
  main, main.narrow { padding: 1rem .75rem 2rem; }
  .sheet { padding: 1.15rem; }
  .bar { padding: .6rem .9rem; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .5rem; }
  .row > button, .row > .button, .row > form, .row > form button { width: 100%; }
  .row .tight { flex-wrap: nowrap; }
  .tabs a { padding: .45rem .6rem; }
}
@media (forced-colors: active) { .sheet, button, .button { border-color: currentcolor; } }
`;
