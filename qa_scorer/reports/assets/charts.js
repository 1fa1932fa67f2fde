// Draws the page's charts with Apache ECharts from the JSON in #charts, in the colours of the style sheet.
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("charts").textContent);
  const drawn = [];
  let printing = false;

  function colours() {
    const style = getComputedStyle(root);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      ink: read("--ink"), muted: read("--muted"), rule: read("--rule"), card: read("--card"),
      good: read("--good"), low: read("--low"), team: read("--team"), font: getComputedStyle(document.body).fontFamily,
    };
  }

  // Texts go in as text nodes: names in chats are not to be trusted.
  function tip(lines) {
    const box = document.createElement("div");
    lines.filter(Boolean).forEach((line, index) => {
      const row = box.appendChild(document.createElement(index ? "div" : "b"));
      row.textContent = line;
    });
    return box;
  }

  function common(c) {
    return {
      animation: false,
      textStyle: { fontFamily: c.font, color: c.ink },
      tooltip: {
        trigger: "item", confine: true, backgroundColor: c.card, borderColor: c.rule,
        textStyle: { color: c.ink, fontSize: 13, fontFamily: c.font },
      },
    };
  }

  function passLine(c, line, position) {
    return {
      silent: true, symbol: "none", animation: false,
      lineStyle: { color: c.ink, type: "dashed", width: 1.5 },
      label: { formatter: line.text, color: c.ink, fontSize: 12, position, distance: 4 },
      data: [{ xAxis: line.value }],
    };
  }

  function histogram(chart, c) {
    const { edges, values, line } = chart;
    const width = edges[1] - edges[0];
    return {
      ...common(c),
      grid: { left: 8, right: 12, top: 34, bottom: 26, containLabel: true },
      xAxis: {
        type: "value", min: edges[0], max: edges[edges.length - 1], interval: width * 2, name: chart.x,
        nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.muted },
        axisLabel: { color: c.muted, hideOverlap: true }, splitLine: { show: false },
        axisLine: { lineStyle: { color: c.rule } }, axisTick: { show: true, lineStyle: { color: c.rule } },
      },
      yAxis: {
        type: "value", minInterval: 1, name: chart.y, nameTextStyle: { color: c.muted, align: "left" }, nameGap: 14,
        axisLabel: { color: c.muted }, splitLine: { lineStyle: { color: c.rule } },
      },
      series: [{
        type: "bar", barCategoryGap: "10%",
        data: values.map((value, index) => ({
          value: [edges[index] + width / 2, value],
          itemStyle: { color: edges[index] >= line.value ? c.good : c.low },
        })),
        tooltip: {
          formatter: ({ dataIndex }) => tip([
            `${edges[dataIndex]}–${edges[dataIndex + 1]}`, `${values[dataIndex]} ${chart.y}`,
            chart.before && `${chart.beforeText} ${chart.before[dataIndex]}`,
          ]),
        },
        markLine: passLine(c, line, "end"),
      }, ...beforeMarks(c, chart, (index) => edges[index] + width / 2)],
    };
  }

  // What the columns are compared with: a diamond at each value before.
  function beforeMarks(c, chart, place) {
    if (!chart.before) return [];
    return [{
      type: "custom", z: 3, silent: true, encode: { x: 0, y: 1 },
      data: chart.level.map((value, index) => [place(index), value || chart.values[index] ? value : null]),
      renderItem: (_params, api) => diamond(c, api.coord([api.value(0), api.value(1)])),
    }];
  }

  function diamond(c, [x, y]) {
    const points = [[x, y - 6], [x + 5, y], [x, y + 6], [x - 5, y]];
    return { type: "polygon", shape: { points }, style: { fill: c.team, stroke: c.card, lineWidth: 1.5 } };
  }

  // A column per name: times in bins, conversations per day.
  function columns(chart, c, width) {
    const { names, values, before } = chart;
    return {
      ...common(c),
      grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
      xAxis: {
        type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: c.rule } },
        axisLabel: { color: c.muted, hideOverlap: true, fontSize: 11, rotate: width / names.length < 62 ? 45 : 0 },
      },
      yAxis: {
        type: "value", minInterval: 1, name: chart.y, nameTextStyle: { color: c.muted, align: "left" }, nameGap: 14,
        axisLabel: { color: c.muted }, splitLine: { lineStyle: { color: c.rule } },
      },
      series: [{
        type: "bar", barCategoryGap: "12%",
        data: values.map((value, index) => ({ value, itemStyle: { color: c[chart.colours[index]] } })),
        tooltip: {
          formatter: ({ dataIndex }) => tip([
            names[dataIndex], `${values[dataIndex]} ${chart.y}`, before && `${chart.beforeText} ${before[dataIndex]}`,
          ]),
        },
      }, ...beforeMarks(c, chart, (index) => index)],
    };
  }

  // One row per agent, dimension or problem: a bar or a dot, its 95 % interval, and the value in words at the right.
  function rows(chart, c, width) {
    const list = chart.rows;
    const lowest = Math.min(...list.map((row) => row.low ?? row.value));
    const colour = (row) => (chart.line && row.value < chart.line.value ? c.low : c.good);
    const max = chart.max ?? niceMax(Math.max(...list.map((row) => Math.max(row.high ?? 0, row.value, row.beside ?? 0))));
    const room = Math.min(160, width * 0.32);
    const least = chart.min ?? niceMin(Math.min(lowest, chart.line.value), max);
    const marks = {
      type: "custom", z: 3, silent: true, encode: { x: [1, 2, 3], y: 0 },
      data: list.map((row, index) => [index, row.value, row.low ?? row.value, row.high ?? row.value]),
      renderItem(_params, api) {
        const index = api.value(0);
        const row = list[index];
        const [x, y] = api.coord([row.value, index]);
        const children = [];
        if (row.low !== null && row.high !== null) {
          const [from, to] = [row.low, row.high].map((value) => api.coord([value, index])[0]);
          const stroke = chart.shape === "dot" ? colour(row) : c.ink;
          children.push({ type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke, lineWidth: 1.5 } });
          for (const end of [from, to]) {
            children.push({ type: "line", shape: { x1: end, y1: y - 4, x2: end, y2: y + 4 }, style: { stroke, lineWidth: 1.5 } });
          }
        }
        if (chart.shape === "dot") {
          children.push({ type: "circle", shape: { cx: x, cy: y, r: 5 }, style: { fill: colour(row), stroke: c.card, lineWidth: 1.5 } });
        }
        if (row.beside !== undefined) children.push(diamond(c, api.coord([row.beside, index])));
        return { type: "group", children };
      },
    };
    const bars = {
      type: "bar", barWidth: 14, itemStyle: { color: c.good, borderRadius: [0, 3, 3, 0] },
      data: list.map((row) => (chart.shape === "bar" ? row.value : null)),
      tooltip: {
        formatter: ({ dataIndex }) => {
          const row = list[dataIndex];
          return tip([row.name, `${row.text}${row.interval ? ` (${row.interval})` : ""}`, row.besideText, row.n]);
        },
      },
      markLine: chart.line ? passLine(c, chart.line, "start") : undefined,
    };
    const axis = { type: "category", inverse: true, axisTick: { show: false }, axisLine: { show: false } };
    return {
      ...common(c),
      grid: { left: 4, right: 4, top: chart.line ? 30 : 8, bottom: 4, containLabel: true },
      xAxis: {
        type: "value", min: least, max, interval: (max - least) / (width < 420 ? 2 : 5),
        axisLabel: { color: c.muted, formatter: (value) => (chart.percent ? `${+(value * 100).toFixed(1)}%` : `${+value.toFixed(1)}`) },
        splitLine: { lineStyle: { color: c.rule } },
      },
      yAxis: [
        { ...axis, data: list.map((row) => row.name),
          axisLabel: { color: c.ink, fontSize: 12, lineHeight: 14, width: room, overflow: "break", formatter: (name) => shorten(name, room) } },
        { ...axis, position: "right", data: list.map((row) => row.text), axisLabel: { color: c.ink, fontSize: 13, fontWeight: 600 } },
      ],
      series: [bars, marks],
    };
  }

  // What fits into two lines of this many pixels; a Han character is as wide as two others.
  function shorten(name, room) {
    let left = 2 * Math.floor(room / 12) * 2 - 2;
    for (const [at, character] of [...name].entries()) {
      left -= character.codePointAt(0) > 0x2e7f ? 2 : 1;
      if (left < 0) return `${[...name].slice(0, at).join("")}…`;
    }
    return name;
  }

  // Ends of the axis that leave five steps of round numbers.
  function niceMax(highest) {
    const size = 10 ** Math.floor(Math.log10(highest / 5 || 1));
    return 5 * size * [1, 2, 4, 5, 10].find((step) => 5 * step * size >= highest * 0.999);
  }

  function niceMin(lowest, max) {
    return [0.9, 0.75, 0.5, 0].map((part) => part * max).find((least) => least <= lowest - 0.02 * max) ?? 0;
  }

  function height(chart) {
    return chart.kind === "rows" ? chart.rows.length * 30 + 64 : 300;
  }

  function draw(item) {
    const width = printing ? 640 : item.box.clientWidth;
    item.box.style.height = `${height(item.chart)}px`;
    item.view.resize({ width, height: height(item.chart) });
    item.view.setOption({ histogram, rows, columns }[item.chart.kind](item.chart, colours(), width), true);
  }

  const boxes = [...document.querySelectorAll("[data-chart]")];
  for (const box of boxes) box.style.height = `${height(data[box.dataset.chart])}px`;

  // The library's text is the one whose digest the page's security policy names. Where it cannot be read, the tables remain.
  async function start() {
    const library = document.createElement("script");
    library.textContent = await inflate(document.getElementById("echarts").textContent);
    document.head.append(library);
    for (const box of boxes) {
      const item = { box, chart: data[box.dataset.chart], view: echarts.init(box, null, { renderer: "svg" }) };
      drawn.push(item);
      draw(item);
      new ResizeObserver(() => { if (!printing) draw(item); }).observe(box);
    }
  }
  if (boxes.length) start().catch(() => boxes.forEach((box) => box.remove()));

  root.addEventListener("themechange", () => drawn.forEach(draw));
  addEventListener("beforeprint", () => {
    printing = true;
    root.dataset.print = "";
    drawn.forEach(draw);
  });
  addEventListener("afterprint", () => {
    printing = false;
    delete root.dataset.print;
    drawn.forEach(draw);
  });
})();
