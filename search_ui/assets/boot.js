// Runs before Streamlit's own script and tells it what it would otherwise ask the server for: where the server is (on /search it
// would first try below that path) and its host settings. Saves a round trip before the first paint.
window.__streamlit = {
  BACKEND_BASE_URL: location.origin,
  HOST_CONFIG: {
    allowedOrigins: [location.origin],
    useExternalAuthToken: false,
    enableCustomParentMessages: false,
    enforceDownloadInNewTab: false,
    blockErrorDialogs: false,
  },
}
