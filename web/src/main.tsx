import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/tower.css";
import "./styles/parcel.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { applyTheme } from "./frame/theme";

applyTheme();
const page = document.getElementById("page");
if (page) {
  createRoot(page).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
