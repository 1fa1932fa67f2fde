// Lists and tables: paging, sorting, filtering, deep links. Without it every page still reads from top to bottom.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const lists = new Map();

  function element(tag, properties, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  // The entries of a list or the rows of a table: those of the page and, on demand, those that are packed.
  class LongList {
    constructor(holder, packed) {
      this.holder = holder;
      this.body = holder.tBodies ? holder.tBodies[0] : holder;
      this.items = [...this.body.children];
      this.packed = packed;
      this.size = Number(holder.dataset.page) || Infinity;
      this.page = 0;
      this.tests = new Map();
      this.pager = element("nav", { className: "pager" });
      this.pager.setAttribute("aria-label", words.pages);
      (holder.closest(".scroll") || holder).after(this.pager);
      if (holder.classList.contains("sortable")) this.makeSortable();
    }

    // Packed entries are the same trusted, escaped HTML that the page itself is made of.
    async unpack() {
      if (!this.packed) return;
      const packed = this.packed.textContent;
      this.packed = null;
      try {
        const template = document.createElement("template");
        template.innerHTML = await inflate(packed);
        this.items.push(...template.content.children);
        if (this.items[0].dataset.n) this.items.sort((a, b) => a.dataset.n - b.dataset.n);
      } catch {
        this.pager.after(element("p", { className: "muted", textContent: words.unpack }));
      }
    }

    matching() {
      return this.items.filter((item) => [...this.tests.values()].every((test) => test(item)));
    }

    filter(name, test) {
      if (test) this.tests.set(name, test); else this.tests.delete(name);
      this.page = 0;
      this.show();
    }

    sort(column, descending) {
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.v ?? cell.textContent.trim();
      };
      const keyed = this.items.map((item) => [key(item), item]);
      const known = keyed.filter(([value]) => value !== "");
      const numeric = known.every(([value]) => !Number.isNaN(Number(value)));
      known.sort(([a], [b]) => (numeric ? a - b : a.localeCompare(b, document.documentElement.lang)));
      if (descending) known.reverse();
      const unknown = keyed.filter(([value]) => value === ""); // neither good nor bad: last in both directions
      this.items = [...known, ...unknown].map(([, item]) => item);
      this.page = 0;
      this.show();
    }

    makeSortable() {
      const heads = [...this.holder.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const button = element("button", { type: "button", title: words.sort }, ...head.childNodes);
        head.replaceChildren(button);
        button.addEventListener("click", () => {
          const first = head.dataset.first || (head.classList.contains("num") ? "descending" : "ascending");
          const other = first === "ascending" ? "descending" : "ascending";
          const order = head.getAttribute("aria-sort") === first ? other : first;
          heads.forEach((cell) => cell.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", order);
          this.sort(column, order === "descending");
        });
      });
    }

    reveal(item) {
      const at = this.matching().indexOf(item);
      if (at < 0) return false;
      this.page = Math.floor(at / this.size);
      this.show();
      return true;
    }

    show() {
      const found = this.matching();
      const from = this.size === Infinity ? 0 : this.page * this.size;
      const shown = found.slice(from, from + this.size);
      this.body.replaceChildren(...shown);
      this.pager.replaceChildren();
      if (!found.length) this.pager.append(element("p", { className: "empty", textContent: words.none }));
      if (found.length <= this.size) return;
      const step = (text, page, on) => {
        const button = element("button", { type: "button", textContent: text, disabled: !on });
        button.addEventListener("click", () => {
          this.page = page;
          this.show();
          const again = [...this.pager.querySelectorAll("button")].find((other) => other.textContent === text);
          (again.disabled ? this.pager.querySelector("button:not(:disabled)") : again).focus({ preventScroll: true });
          this.holder.scrollIntoView({ block: "nearest" });
        });
        return button;
      };
      const text = words.range.replace("{from}", from + 1).replace("{to}", from + shown.length).replace("{all}", found.length);
      const status = element("span", { textContent: text });
      status.setAttribute("aria-live", "polite");
      this.pager.append(
        step(words.previous, this.page - 1, this.page > 0), status,
        step(words.next, this.page + 1, from + this.size < found.length),
        element("p", { className: "print-only", textContent: words.printed.replace("{all}", found.length) }),
      );
    }
  }

  async function setUp() {
    for (const holder of document.querySelectorAll("table.sortable, [data-page]")) {
      const region = holder.closest(".scroll") || holder;
      const next = region.nextElementSibling;
      const list = new LongList(holder, next && next.matches("[data-packed]") ? next : null);
      if (holder.id) lists.set(holder.id, list);
      await list.unpack();
      list.show();
    }
    for (const tools of document.querySelectorAll(".tools")) {
      tools.hidden = false;
      const list = listOf(tools);
      for (const select of tools.querySelectorAll("[data-select]")) {
        const field = select.dataset.select;
        select.addEventListener("change", () => {
          list.filter(field, select.value && ((item) => item.dataset[field] === select.value));
        });
      }
      for (const input of tools.querySelectorAll("[data-search]")) {
        input.addEventListener("input", () => {
          const wanted = input.value.trim().toLowerCase();
          list.filter("search", wanted && ((item) => item.textContent.toLowerCase().includes(wanted)));
        });
      }
    }
    document.querySelector("[data-clear]")?.addEventListener("click", () => openConversation(""));
    addEventListener("hashchange", follow);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (link && link.href === location.href) follow(); // no hashchange is fired for the place one is at
    });
    follow();
  }

  function listOf(tools) {
    return lists.get(tools.querySelector("[data-search]").dataset.search);
  }

  function openConversation(name) {
    const findings = lists.get("findings-list");
    findings.filter("conversation", name && ((item) => item.dataset.c === name));
    document.querySelector("[data-clear]").hidden = !name;
  }

  function resetTools(list) {
    for (const tools of document.querySelectorAll(".tools")) {
      if (listOf(tools) !== list) continue;
      for (const control of tools.querySelectorAll("select, input")) control.value = "";
    }
    list.tests.clear();
  }

  // #c-<conversation>: its findings, or its row when there are none. #f-<conversation>-<rule>: that finding.
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    const findings = lists.get("findings-list");
    document.querySelectorAll(".target").forEach((node) => node.classList.remove("target"));
    if (!id) return;
    if (id.startsWith("c-") && findings?.items.some((item) => item.dataset.c === id.slice(2))) {
      resetTools(findings);
      openConversation(id.slice(2));
      highlight(findings.matching()[0]);
      return;
    }
    for (const list of lists.values()) {
      const item = list.items.find((candidate) => candidate.id === id);
      if (!item) continue;
      resetTools(list);
      if (list === findings) openConversation("");
      if (list.reveal(item)) highlight(item);
      return;
    }
    document.getElementById(id)?.scrollIntoView(); // the charts have moved it since the browser looked
  }

  function highlight(item) {
    item.classList.add("target");
    item.setAttribute("tabindex", "-1");
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  }

  setUp();
})();
