// What the test of accessible pages wants to know of a page, as JSON.
(async () => {
  const name = (e) => e.outerHTML.slice(0, 90);
  const root = document.documentElement;
  const seen = { Styled: false, Wide: root.scrollWidth - window.innerWidth, Widest: "", H1: document.querySelectorAll("h1").length, Unnamed: [], Small: [], Findings: [] };
  seen.Styled = getComputedStyle(document.body).fontFamily.includes("Segoe UI");
  if (seen.Wide > 0) {
    for (const e of document.body.querySelectorAll("*"))
      if (e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".table")) { seen.Widest = name(e); break; }
  }
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    const box = e.getBoundingClientRect();
    if (box.width === 0) continue;
    e.focus({ focusVisible: true });
    const own = getComputedStyle(e), label = e.nextElementSibling ? getComputedStyle(e.nextElementSibling) : own;
    const shown = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
    if (document.activeElement === e && !shown(own) && !shown(label)) seen.Unnamed.push(name(e));
    const running = e.matches("p a, li a, dd a, td a, th a, .second a, h2 a") && own.display === "inline";
    if (!running && !e.matches(".skip") && (box.height < 24 || box.width < 24)) seen.Small.push(Math.round(box.width) + "×" + Math.round(box.height) + " " + name(e));
  }
  if (document.activeElement) document.activeElement.blur();
  const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] });
  seen.Findings = result.violations.map((v) => ({ ID: v.id, Help: v.help, Targets: v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.html.slice(0, 120)) }));
  return JSON.stringify(seen);
})()
