package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// If a unit has the binary, which no machine that runs tests has there.
const installed = "/usr/local/bin/heyq"

// units returns the units, by name.
func units(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("systemd/heyq*.*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(path); name != "heyq.env" {
			found[name] = string(content)
		}
	}
	if len(found) != 6 {
		t.Errorf("%d units were found", len(found))
	}
	return found
}

func TestSystemd_units_fit_heyq(t *testing.T) {
	t.Parallel()
	shared := assignments(t, string(read(t, "deploy/systemd/heyq.env")))
	setting := regexp.MustCompile(`(?m)^(\w+)=(.*)$`)
	for name, unit := range units(t) {
		environ, credentials, settings := map[string]string{}, map[string]string{}, map[string]string{}
		for variable, value := range shared {
			environ[variable] = value
		}
		for _, m := range setting.FindAllStringSubmatch(unit, -1) {
			settings[m[1]] = m[2]
			switch m[1] {
			case "Environment":
				variable, value, _ := strings.Cut(m[2], "=")
				environ[variable] = value
			case "LoadCredential":
				credential, path, _ := strings.Cut(m[2], ":")
				credentials["%d/"+credential] = path
			}
		}
		if strings.HasSuffix(name, ".target") {
			continue
		}
		for variable, value := range environ {
			if strings.HasSuffix(variable, "_FILE") && credentials[value] != "/etc/heyq/secrets/"+filepath.Base(value) {
				t.Errorf("%s: %s is at %s, where nothing is loaded", name, variable, value)
			}
		}
		wantConfig(t, name, environ)
		command, ours := strings.CutPrefix(settings["ExecStart"], installed+" ")
		if !ours {
			t.Errorf("%s starts %s", name, settings["ExecStart"])
		}
		wantCommand(t, strings.Fields(command)...)
		if settings["Type"] == "exec" && (settings["KillSignal"] != "SIGTERM" || settings["TimeoutStopSec"] != "15" || settings["Restart"] != "always") {
			t.Errorf("%s ends or begins in another way: %v", name, settings)
		}
		if settings["Type"] == "exec" && (settings["MemoryMax"] == "" || settings["TasksMax"] == "") {
			t.Errorf("%s may take all of the machine's memory, or of its processes", name)
		}
	}
}

// assignments reads a file of variables, those that are commented out included.
func assignments(t *testing.T, text string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=(.*)$`).FindAllStringSubmatch(text, -1) {
		found[m[1]] = m[2]
	}
	return found
}

// systemd itself has nothing to say about the units, and finds them locked up.
func TestSystemd_takes_the_units(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
			t.Fatal("systemd-analyze is missing")
		}
		t.Skip("SKIPPED, NOTHING WAS TESTED: systemd-analyze is missing")
	}
	dir := t.TempDir()
	binary, err := os.Executable() // any will do that exists
	if err != nil {
		t.Fatal(err)
	}
	var services []string
	for name, unit := range units(t) {
		unit = strings.ReplaceAll(unit, installed, binary)
		unit = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(unit, "") // pages that are not installed
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".service") {
			services = append(services, path)
		}
	}
	if out, err := exec.Command("systemd-analyze", append([]string{"verify", "--man=no"}, services...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	for _, path := range services {
		out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=15", path).CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(path), err, out)
		}
		t.Log(lines[len(lines)-1])
	}
}
