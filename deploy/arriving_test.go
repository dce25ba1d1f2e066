package deploy_test

// arriving are variables that the manifests name and that config does not know
// yet, and commands likewise.
var arriving = []string{"HEYQ_DASHBOARD_ADDR", "dashboard"}
