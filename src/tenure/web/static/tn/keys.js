/* Keys and the drawer: everything here is also a link or a form, so the pages work without it. */
(() => {
  "use strict";
  const drawer = () => document.querySelector("#drawer .tn-drawer");
  let opener = null;
  let first = "";

  function close() {
    const open = drawer();
    if (!open) return false;
    open.remove();
    if (opener) opener.focus();
    return true;
  }
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[hx-target='#drawer']");
    if (asked) opener = asked;
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      close();
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "drawer" && drawer()) drawer().focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    window.location.href = event.detail.pathInfo.requestPath;
  });

  function rows() {
    return [...document.querySelectorAll("[data-row] a[data-open]")];
  }
  function move(step) {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (next) next.focus();
  }
  /* The list under the search box: arrows walk it, Escape closes it. */
  const found = () => [...document.querySelectorAll("#found a")];
  function searching(event) {
    const all = found();
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && all.length) {
      event.preventDefault();
      all[Math.min(at + 1, all.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      if (at === 0) document.getElementById("search").focus();
      else all[at - 1].focus();
    } else return false;
    return true;
  }
  function shut() {
    const list = document.getElementById("found");
    if (!list || !list.firstElementChild) return false;
    list.replaceChildren();
    document.getElementById("search").focus();
    return true;
  }
  document.addEventListener("click", (event) => {
    const list = document.getElementById("found");
    if (list && !event.target.closest(".tn-bar-search")) list.replaceChildren();
    for (const menu of document.querySelectorAll("details.tn-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  /* The list one came from, so that the account before and after it can be reached from an account. */
  const LIST = "tn-list";
  function remember() {
    const links = rows().map((link) => link.getAttribute("href"));
    if (links.length) sessionStorage.setItem(LIST, JSON.stringify(links));
  }
  function neighbour(step) {
    const list = JSON.parse(sessionStorage.getItem(LIST) || "[]");
    const here = window.location.pathname;
    /* On a part of an account only: a form that was begun is not left by a key. */
    if (!document.querySelector('[aria-label="Parts of the account"] [aria-current="page"]')) return;
    const of = (link) => link.split("?")[0];
    const at = list.findIndex((link) => here === of(link) || here.startsWith(`${of(link)}/`));
    const next = at < 0 ? undefined : list[at + step];
    /* The same part of the account after it, on the same day. */
    if (next) window.location.href = of(next) + here.slice(of(list[at]).length) + window.location.search;
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-row] a[data-open]")) remember();
  });

  function inRow(selector) {
    const row = document.activeElement && document.activeElement.closest("[data-row]");
    return row ? row.querySelector(selector) : null;
  }
  /* Space on a row: what stands behind it, below it; Space again folds it. */
  function unfold() {
    const link = document.activeElement.closest("[data-row] a[data-open]");
    const row = link && link.closest("[data-row]");
    if (!row) return false;
    const below = row.nextElementSibling;
    if (below && below.classList.contains("tn-glance")) {
      below.remove();
      return true;
    }
    const [path, query] = link.getAttribute("href").split("?");
    window.htmx.ajax("GET", `${path}/glance${query ? `?${query}` : ""}`, { target: row, swap: "afterend" }).then(() => {
      const made = row.nextElementSibling;
      if (made && made.classList.contains("tn-glance")) made.firstElementChild.colSpan = row.cells.length;
    });
    return true;
  }
  const single = {
    j: () => move(1),
    k: () => move(-1),
    l: () => document.querySelector("[data-go-l]")?.click(),
    e: () => (inRow("[hx-target='#drawer']") || document.querySelector("main [hx-target='#drawer']"))?.click(),
    x: () => inRow("input[type=checkbox]")?.click(),
    "[": () => neighbour(-1),
    "]": () => neighbour(1),
    "?": () => { window.location.href = "/me#keys"; },
    "/": () => document.getElementById("search")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (shut() || close())) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(".tn-bar-search") && searching(event)) return;
    if (event.target.closest("input, select, textarea")) return;
    if (document.documentElement.dataset.keys === "off") return;
    if (first === "g") {
      first = "";
      document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
      return;
    }
    if (event.key === " " && unfold()) event.preventDefault();
    else if (event.key === "g") first = "g";
    else if (Object.hasOwn(single, event.key)) {
      if (event.key === "/") event.preventDefault();
      single[event.key]();
    }
  });
})();
