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
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && close()) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    if (first === "g") {
      first = "";
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) link.click();
      return;
    }
    if (event.key === "g") first = "g";
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "l") {
      const log = document.querySelector("[data-go-l]");
      if (log) log.click();
    } else if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });
})();
