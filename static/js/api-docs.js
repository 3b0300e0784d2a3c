// Swagger UI over our own schema, from our own files. Without scripts the page links the schema.
const theme = document.documentElement.dataset.theme;
const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("dark-mode", dark);

const place = document.getElementById("api-docs");

/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayOperationId: false,
  filter: false,
  persistAuthorization: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
