/* Draws the charts of a page: <figure data-chart="address of the spec">. The table beside it says the same. */
(() => {
  "use strict";
  const dark = () => {
    const set = document.documentElement.dataset.theme;
    return set ? set === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  };

  async function draw(figure) {
    const place = figure.querySelector("[data-chart-place]");
    const address = new URL(figure.dataset.chart, window.location.href);
    address.searchParams.set("theme", dark() ? "dark" : "light");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      /* What the pointer is on is said in the caption, in a place of its own. */
      const under = figure.querySelector("[data-chart-under]");
      const tooltip = (_, __, ___, value) => { if (under) under.textContent = value || ""; };
      const options = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip };
      const spec = await answer.json();
      const { view } = await window.vegaEmbed(place, spec, options);
      /* Read aloud, the picture is one sentence; its marks are in the table. */
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", spec.description || "");
      place.querySelector("svg").setAttribute("aria-hidden", "true");
      figure.setAttribute("data-drawn", "");
      select(figure, view);
    } catch (error) {
      place.textContent = "The chart could not be drawn; the table below says the same.";
      figure.setAttribute("data-drawn", "failed");
      console.warn(error);
    }
  }

  /* An interval dragged over the chart ticks the rows it holds. */
  function select(figure, view) {
    const form = document.getElementById(figure.dataset.chooses || "");
    if (!form) return;
    const said = figure.querySelector("[data-chart-said]");
    view.addSignalListener("chosen", (_, chosen) => {
      const days = chosen.shown_days || null;
      const health = chosen.health || null;
      let count = 0;
      for (const row of form.querySelectorAll("[data-days]")) {
        const at = Math.min(Number(row.dataset.days), Number(figure.dataset.farthest));
        const score = Number(row.dataset.health);
        const inside =
          days && health && at >= Math.min(...days) && at <= Math.max(...days) &&
          score >= Math.min(...health) && score <= Math.max(...health);
        row.classList.toggle("tn-chosen", Boolean(inside));
        const tick = row.querySelector("input[type=checkbox]");
        if (tick) tick.checked = Boolean(inside);
        if (inside) count += 1;
      }
      if (said) said.textContent = count ? `${count} chosen in the table below.` : "";
    });
  }

  const figures = [...document.querySelectorAll("[data-chart]")];
  figures.forEach(draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach(draw));
})();
