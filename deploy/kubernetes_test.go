package deploy_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"heyq/internal/testkit"
	"heyq/store/postgres"
)

// cluster is what the manifests of a folder are, by name.
type cluster struct {
	deployments map[string]appsv1.Deployment
	services    map[string]corev1.Service
	configs     map[string]corev1.ConfigMap
	budgets     map[string]policyv1.PodDisruptionBudget
	policies    map[string]networkingv1.NetworkPolicy
	scaled      map[string]scaledObject
}

// scaledObject is as much of KEDA's as we use.
type scaledObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		ScaleTargetRef  struct{ Name string }
		MinReplicaCount int
		MaxReplicaCount int
		PollingInterval int
		CooldownPeriod  int
		Fallback        struct{ FailureThreshold, Replicas int }
		Triggers        []struct {
			Type              string
			Metadata          struct{ Query, TargetQueryValue string }
			AuthenticationRef struct{ Name string }
		}
		SecretTargetRef []struct{ Parameter, Name, Key string } // of a TriggerAuthentication
	}
}

// kustomization is as much of Kustomize's as we use.
type kustomization struct {
	APIVersion string
	Kind       string
	Resources  []string
	Labels     []struct{ Pairs map[string]string }
	Images     []struct{ Name, NewName, NewTag string }
	Patches    []struct {
		Target struct{ Kind, Name string }
		Patch  string
	}
}

// manifests reads what a folder's kustomization names, strictly.
func manifests(t *testing.T, folder string) *cluster {
	t.Helper()
	var k kustomization
	strictly(t, "kustomization", read(t, filepath.Join("deploy/kubernetes", folder, "kustomization.yaml")), &k)
	c := &cluster{
		map[string]appsv1.Deployment{},
		map[string]corev1.Service{},
		map[string]corev1.ConfigMap{},
		map[string]policyv1.PodDisruptionBudget{},
		map[string]networkingv1.NetworkPolicy{},
		map[string]scaledObject{},
	}
	named := []string{"kustomization.yaml"}
	for _, resource := range k.Resources {
		path := filepath.Join("deploy/kubernetes", folder, resource)
		if filepath.Ext(resource) == "" {
			maps.Copy(c.deployments, manifests(t, filepath.Join(folder, resource)).deployments)
			continue
		}
		named = append(named, resource)
		for document := range bytes.SplitSeq(read(t, path), []byte("\n---\n")) {
			c.add(t, path, document)
		}
	}
	files, err := os.ReadDir(filepath.Join("kubernetes", folder))
	if err != nil || len(files) != len(named) {
		t.Errorf("%s holds %d files, and names %v (%v)", folder, len(files), named, err)
	}
	return c
}

func (c *cluster) add(t *testing.T, path string, document []byte) {
	t.Helper()
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(document, &head); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	switch head.APIVersion + " " + head.Kind {
	case "apps/v1 Deployment":
		put(t, path, document, c.deployments, func(d appsv1.Deployment) string { return d.Name })
	case "v1 Service":
		put(t, path, document, c.services, func(s corev1.Service) string { return s.Name })
	case "v1 ConfigMap":
		put(t, path, document, c.configs, func(m corev1.ConfigMap) string { return m.Name })
	case "v1 ServiceAccount":
		put(t, path, document, map[string]corev1.ServiceAccount{}, func(a corev1.ServiceAccount) string { return a.Name })
	case "policy/v1 PodDisruptionBudget":
		put(t, path, document, c.budgets, func(b policyv1.PodDisruptionBudget) string { return b.Name })
	case "networking.k8s.io/v1 NetworkPolicy":
		put(t, path, document, c.policies, func(n networkingv1.NetworkPolicy) string { return n.Name })
	case "keda.sh/v1alpha1 ScaledObject", "keda.sh/v1alpha1 TriggerAuthentication":
		put(t, path, document, c.scaled, func(s scaledObject) string { return s.Kind + "/" + s.Metadata.Name })
	default:
		t.Errorf("%s: nobody knows what a %s of %s is", path, head.Kind, head.APIVersion)
	}
}

func put[V any](t *testing.T, path string, document []byte, into map[string]V, name func(V) string) {
	t.Helper()
	var v V
	strictly(t, path, document, &v)
	if name(v) == "" {
		t.Errorf("%s: something has no name", path)
	}
	into[name(v)] = v
}

// strictly decodes YAML; a field that does not exist is an error.
func strictly(t *testing.T, path string, document []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(document, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	c := manifests(t, "base")
	if want := []string{"heyq-api", "heyq-scheduler", "heyq-worker"}; !slices.Equal(slices.Sorted(maps.Keys(c.deployments)), want) {
		t.Errorf("deployed are %v, want %v", slices.Sorted(maps.Keys(c.deployments)), want)
	}
	for name, d := range c.deployments {
		t.Run(name, func(t *testing.T) { checkDeployment(t, c, d) })
	}
	port := c.services["heyq-api"].Spec.Ports[0].TargetPort.StrVal
	if ports := c.deployments["heyq-api"].Spec.Template.Spec.Containers[0].Ports; ports[0].Name != port {
		t.Errorf("the service leads to the port %q of %v", port, ports)
	}
	if !maps.Equal(c.services["heyq-api"].Spec.Selector, c.deployments["heyq-api"].Spec.Template.Labels) {
		t.Error("the service selects other pods than the API's")
	}
}

func checkDeployment(t *testing.T, c *cluster, d appsv1.Deployment) {
	pod := d.Spec.Template.Spec
	if !maps.Equal(d.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
		t.Errorf("it selects %v and makes %v", d.Spec.Selector.MatchLabels, d.Spec.Template.Labels)
	}
	if budget := c.budgets[d.Name]; budget.Spec.Selector == nil || !maps.Equal(budget.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
		t.Error("it has no disruption budget")
	}
	if *pod.TerminationGracePeriodSeconds < 20 || *pod.AutomountServiceAccountToken || !*pod.SecurityContext.RunAsNonRoot {
		t.Error("it is killed too early, or may do more than it has to")
	}
	mounted := map[string]bool{}
	for _, v := range pod.Volumes {
		mounted[v.Name] = true
	}
	for _, container := range slices.Concat(pod.InitContainers, pod.Containers) {
		wantCommand(t, container.Args...)
		environ := map[string]string{}
		for _, from := range container.EnvFrom {
			maps.Copy(environ, c.configs[from.ConfigMapRef.Name].Data)
		}
		for _, e := range container.Env {
			environ[e.Name] = e.Value
		}
		wantConfig(t, container.Name, environ)
		security := container.SecurityContext
		if security == nil || *security.AllowPrivilegeEscalation || !*security.ReadOnlyRootFilesystem || len(security.Capabilities.Drop) != 1 {
			t.Errorf("%s may do more than it has to", container.Name)
		}
		if container.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s may take all of the node's memory", container.Name)
		}
		for _, m := range container.VolumeMounts {
			if !mounted[m.Name] {
				t.Errorf("%s mounts %s, which does not exist", container.Name, m.Name)
			}
		}
	}
	main := pod.Containers[0]
	for path, probe := range map[string]*corev1.Probe{"/healthz": main.LivenessProbe, "/readyz": main.ReadinessProbe} {
		if probe == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != main.Ports[0].Name {
			t.Errorf("%s is not probed as it should be: %+v", path, probe)
		}
	}
	port := fmt.Sprint(":", main.Ports[0].ContainerPort)
	if !slices.ContainsFunc(main.Env, func(e corev1.EnvVar) bool { return strings.HasSuffix(e.Name, "_ADDR") && e.Value == port }) {
		t.Errorf("its port is %s, and it listens elsewhere: %v", port, main.Env)
	}
}

// Every pod of heyq's is behind a policy for each direction, and none of them
// reaches the metadata service of a cloud.
func TestKubernetes_network(t *testing.T) {
	t.Parallel()
	c := manifests(t, "base")
	for name, d := range c.deployments {
		guarded := map[networkingv1.PolicyType]bool{}
		for _, policy := range c.policies {
			selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
			if err != nil {
				t.Fatal(err)
			}
			if selector.Matches(labels.Set(d.Spec.Template.Labels)) {
				for _, kind := range policy.Spec.PolicyTypes {
					guarded[kind] = true
				}
			}
		}
		if !guarded[networkingv1.PolicyTypeIngress] || !guarded[networkingv1.PolicyTypeEgress] {
			t.Errorf("%s is guarded for %v", name, guarded)
		}
	}
	for name, policy := range c.policies {
		for _, rule := range policy.Spec.Egress {
			for _, to := range rule.To {
				if to.IPBlock != nil && strings.HasPrefix(to.IPBlock.CIDR, "0.") && !slices.Contains(to.IPBlock.Except, "169.254.0.0/16") {
					t.Errorf("%s leads to 169.254.169.254", name)
				}
			}
		}
	}
}

// What KEDA asks is a question that the schema answers.
func TestKubernetes_autoscaling_real(t *testing.T) {
	t.Parallel()
	c := manifests(t, "autoscaling")
	scaled := c.scaled["ScaledObject/heyq-worker"].Spec
	if _, exists := c.deployments[scaled.ScaleTargetRef.Name]; !exists || len(scaled.Triggers) != 1 {
		t.Fatalf("it scales %q by %d triggers", scaled.ScaleTargetRef.Name, len(scaled.Triggers))
	}
	trigger := scaled.Triggers[0]
	if secret := c.scaled["TriggerAuthentication/"+trigger.AuthenticationRef.Name].Spec.SecretTargetRef; len(secret) != 1 || secrets[secret[0].Key] == "" {
		t.Errorf("it asks with %+v", secret)
	}
	url := testkit.Postgres(t)
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `SET search_path = public`); err != nil { // as who asks has it
		t.Fatal(err)
	}
	var n float64
	if err := conn.QueryRow(t.Context(), trigger.Metadata.Query).Scan(&n); err != nil || n != 0 {
		t.Errorf("an empty database answers %v (%v)", n, err)
	}
}
