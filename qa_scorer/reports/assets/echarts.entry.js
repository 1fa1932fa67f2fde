// The parts of Apache ECharts that the reports use. README.md tells how echarts.min.js is built from this file.
import { init, use } from "echarts/core";
import { BarChart, CustomChart } from "echarts/charts";
import { GridSimpleComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, GridSimpleComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export { init };
