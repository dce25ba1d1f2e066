package deploy_test

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// compose is as much of the Compose specification as compose.yaml uses.
type compose struct {
	Name        string             `yaml:"name"`
	Services    map[string]service `yaml:"services"`
	Secrets     map[string]file    `yaml:"secrets"`
	Volumes     map[string]*any    `yaml:"volumes"`
	Networks    map[string]*any    `yaml:"networks"`
	Heyq        any                `yaml:"x-heyq"`
	Environment any                `yaml:"x-environment"`
	Depends     any                `yaml:"x-depends"`
}

type file struct {
	File string `yaml:"file"`
}

type service struct {
	Image string `yaml:"image"`
	Build *struct {
		Context string            `yaml:"context"`
		Args    map[string]string `yaml:"args"`
	} `yaml:"build"`
	Command         []string          `yaml:"command"`
	Environment     map[string]string `yaml:"environment"`
	Secrets         []string          `yaml:"secrets"`
	Ports           []string          `yaml:"ports"`
	Volumes         []string          `yaml:"volumes"`
	Networks        []string          `yaml:"networks"`
	Tmpfs           []string          `yaml:"tmpfs"`
	CapDrop         []string          `yaml:"cap_drop"`
	SecurityOpt     []string          `yaml:"security_opt"`
	Restart         string            `yaml:"restart"`
	StopGracePeriod string            `yaml:"stop_grace_period"`
	ShmSize         string            `yaml:"shm_size"`
	User            string            `yaml:"user"`
	MemLimit        string            `yaml:"mem_limit"`
	PidsLimit       int               `yaml:"pids_limit"`
	ReadOnly        bool              `yaml:"read_only"`
	DependsOn       map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck *struct {
		Test        []string `yaml:"test"`
		Interval    string   `yaml:"interval"`
		StartPeriod string   `yaml:"start_period"`
		Disable     bool     `yaml:"disable"`
	} `yaml:"healthcheck"`
	Logging *struct {
		Driver  string            `yaml:"driver"`
		Options map[string]string `yaml:"options"`
	} `yaml:"logging"`
}

func TestCompose(t *testing.T) {
	t.Parallel()
	var c compose
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "compose.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	var roles []string
	for name, s := range c.Services {
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File != "./secrets/"+secret {
				t.Errorf("%s takes the secret %s, which is at %q", name, secret, c.Secrets[secret].File)
			}
		}
		for _, v := range s.Volumes {
			if volume, _, _ := strings.Cut(v, ":"); !has(c.Volumes, volume) {
				t.Errorf("%s takes the volume %s, which does not exist", name, volume)
			}
		}
		if s.MemLimit == "" || s.PidsLimit == 0 {
			t.Errorf("%s may take all of the machine's memory, or of its processes", name)
		}
		for other, d := range s.DependsOn {
			if !has(c.Services, other) || d.Condition == "service_healthy" && c.Services[other].Healthcheck == nil {
				t.Errorf("%s waits for %s to be %s, which cannot be", name, other, d.Condition)
			}
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to the world at %s", name, port)
			}
		}
		if s.Build == nil {
			continue
		}
		roles = append(roles, name)
		t.Run(name, func(t *testing.T) { checkRole(t, name, s) })
	}
	if want := []string{"api", "dashboard", "migrate", "scheduler", "worker"}; !slices.Equal(slices.Sorted(slices.Values(roles)), want) {
		t.Errorf("heyq is %v, want %v", roles, want)
	}
	redis := strings.Join(c.Services["redis"].Command, " ")
	if !strings.Contains(redis, "--maxmemory-policy noeviction") {
		t.Errorf("Redis would drop tasks: %s", redis)
	}
	if !strings.Contains(redis, "requirepass") || !slices.Contains(c.Services["redis"].Secrets, "redis-password") {
		t.Errorf("Redis has no password: %s", redis)
	}
}

// checkRole checks one of heyq's own containers.
func checkRole(t *testing.T, name string, s service) {
	wantConfig(t, name, s.Environment)
	wantCommand(t, s.Command...)
	for variable, value := range s.Environment {
		if secret := path.Base(value); strings.HasSuffix(variable, "_FILE") && (path.Dir(value) != "/run/secrets" || !slices.Contains(s.Secrets, secret)) {
			t.Errorf("%s is at %s, where it is not mounted", variable, value)
		}
	}
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || s.StopGracePeriod != "15s" {
		t.Errorf("it may do more than it has to, or is killed too early: %+v", s)
	}
}

func has[V any](m map[string]V, key string) bool {
	return slices.Contains(slices.Collect(maps.Keys(m)), key)
}
