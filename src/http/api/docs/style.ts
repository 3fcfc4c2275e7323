/** How the reference page looks: by day and by night, on a wide screen and on a phone. */
export const style = `:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #1d2120);
  --panel: light-dark(#f5f4f0, #141716);
  --line: light-dark(#d9d8d1, #343a37);
  --ink: light-dark(#1c211f, #eceeec);
  --quiet: light-dark(#5a625e, #a6aeaa);
  --link: light-dark(#2f5d50, #8fd0b7);
  --code: light-dark(#f1f0eb, #161a18);
  --get: light-dark(#2f5d50, #8fd0b7);
  --post: light-dark(#4a4f8c, #b9bdf2);
  --put: light-dark(#8a5300, #f0bd6c);
  --delete: light-dark(#a3281e, #ff9d92);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr);
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre, a.code { font-family: var(--mono); font-size: 0.86em; }
a.code { text-decoration: none; overflow-wrap: anywhere; }
a.code:hover { text-decoration: underline; }
p code, td code, dd code { background: var(--code); border-radius: 0.25em; padding: 0.1em 0.3em; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; }

nav {
  position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto;
  padding: 1.5rem 1.25rem; background: var(--panel); border-right: 1px solid var(--line);
  font-size: 0.875rem; line-height: 1.4;
}
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul > li > a { display: block; padding: 0.3rem 0; font-weight: 600; color: var(--ink); }
nav li li a { display: block; padding: 0.16rem 0 0.16rem 0.75rem; border-left: 1px solid var(--line); color: var(--quiet); }
nav a { text-decoration: none; }
nav a:hover { color: var(--link); }
nav li li a:hover { border-left-color: var(--link); }
.brand { margin: 0 0 1rem; font-size: 1rem; }
.brand a { font-weight: 700; color: var(--ink); }
.brand span { color: var(--quiet); }

main { padding: 2.5rem clamp(1rem, 3.5vw, 3.5rem) 6rem; max-width: 92rem; min-width: 0; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.5rem; letter-spacing: -0.015em; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 1rem; letter-spacing: -0.01em; }
h3 { font-size: 1.08rem; line-height: 1.35; margin: 0 0 0.25rem; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { margin: 1.25rem 0 0.35rem; font-size: 0.875rem; color: var(--quiet); font-weight: 600; }
p { margin: 0 0 0.75rem; max-width: 44rem; }
.lead { font-size: 1.1rem; color: var(--quiet); }
section { padding-top: 2.75rem; }
section > h3 { margin-top: 1.5rem; }

article, .beside {
  display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: 1rem 2.5rem;
  align-items: start;
}
article { padding: 1.75rem 0; border-top: 1px solid var(--line); }
article.object { display: block; }
article:target > .told > h3, article.object:target > h3 { color: var(--link); }
pre {
  position: sticky; top: 1.5rem; margin: 0; padding: 0.9rem 1rem; overflow: auto; max-height: 80vh;
  background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem;
  line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere;
}
.path { margin: 0 0 0.6rem; max-width: none; }
.path code { background: none; padding: 0; overflow-wrap: break-word; }
.method { font: 700 0.78rem/1 var(--mono); letter-spacing: 0.02em; margin-right: 0.35rem; }
.get { color: var(--get); }
.post { color: var(--post); }
.put, .patch { color: var(--put); }
.delete { color: var(--delete); }
.who { font-size: 0.9rem; color: var(--quiet); }
.quiet { color: var(--quiet); font-weight: 400; }
.needed { color: var(--delete); font-weight: 400; font-size: 0.8rem; }

table { width: 100%; border-collapse: collapse; font-size: 0.875rem; margin: 0.5rem 0 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { font-weight: 600; color: var(--quiet); }
tbody th { font-weight: 500; }
article table { table-layout: fixed; }
article th:nth-child(1) { width: 32%; }
article th:nth-child(2) { width: 30%; }
th code { overflow-wrap: anywhere; }
code.pattern { overflow-wrap: anywhere; font-size: 0.78em; background: none; padding: 0; color: var(--quiet); }
.scrolled { overflow-x: auto; }
.matrix { width: auto; }
.matrix th { white-space: nowrap; }
.matrix td:nth-child(n + 3), .matrix th:nth-child(n + 3) { text-align: center; padding-inline: 0.75rem; }
tr:target > *, .problems > div:target { background: var(--code); }

dl { margin: 0; }
dd { margin: 0; }
.answers > div { display: grid; grid-template-columns: 3rem minmax(0, 1fr); font-size: 0.875rem; padding: 0.2rem 0; }
.answers.wide > div { grid-template-columns: minmax(0, 17rem) minmax(0, 1fr); }
.answers table { margin: 0; }
.status { font: 600 0.82rem/1.5 var(--mono); color: var(--quiet); }
.status.good { color: var(--get); }
.problems > div { padding: 0.75rem 0; border-top: 1px solid var(--line); display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 0 1.5rem; }
.problems dt { overflow-wrap: anywhere; }
.problems p { margin: 0; }

@media (max-width: 70rem) {
  article, .beside { grid-template-columns: minmax(0, 1fr); }
  pre { position: static; }
}
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1rem; }
  nav > ul { display: flex; flex-wrap: wrap; gap: 0 1rem; }
  nav li ul { display: none; }
  main { padding-top: 1.5rem; }
  h1 { font-size: 1.65rem; }
  .problems > div, .answers.wide > div { grid-template-columns: minmax(0, 1fr); }
  .answers.wide > div { padding: 0.4rem 0; }
  article thead { position: absolute; left: -200vw; }
  article table, article tbody, article tr, article tr > * { display: block; width: auto !important; }
  article tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  article tr > * { border: 0; padding: 0; }
}
@media print {
  body { display: block; }
  nav { display: none; }
  pre { position: static; }
}
`
