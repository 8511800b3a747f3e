/// <reference types="vite/client" />

declare module "virtual:basemap" {
  import type { Topology } from "topojson-specification";
  const land: { states: Topology; neighbours: Topology };
  export default land;
}
