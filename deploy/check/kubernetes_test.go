package check_test

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	strictjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// manifest is what the YAML files have.
type manifest struct {
	deployments []apps.Deployment
	services    []core.Service
	policies    []networking.NetworkPolicy
}

// add reads a file as the API server does with strict validation: a field that is not known,
// spelled in other capitals or there twice is an error.
func (m *manifest) add(text []byte) error {
	for _, doc := range bytes.Split(text, []byte("\n---\n")) {
		object, err := yaml.YAMLToJSONStrict(doc)
		if err != nil {
			return err
		}
		var kind struct {
			Version string `json:"apiVersion"`
			Kind    string `json:"kind"`
		}
		if err := strictjson.UnmarshalCaseSensitivePreserveInts(object, &kind); err != nil {
			return err
		}
		switch kind.Version + " " + kind.Kind {
		case "apps/v1 Deployment":
			err = unmarshal(object, &m.deployments)
		case "v1 Service":
			err = unmarshal(object, &m.services)
		case "networking.k8s.io/v1 NetworkPolicy":
			err = unmarshal(object, &m.policies)
		default:
			err = fmt.Errorf("%+v is none of the kinds that this test knows", kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func unmarshal[T any](object []byte, all *[]T) error {
	var one T
	strict, err := strictjson.UnmarshalStrict(object, &one)
	*all = append(*all, one)
	return errors.Join(append(strict, err)...)
}

const (
	sidecarFile = root + "deploy/kubernetes/sidecar.yaml"
	redisFile   = root + "deploy/kubernetes/redis.yaml"
)

func manifests(t *testing.T) (m manifest) {
	t.Helper()
	for _, name := range []string{sidecarFile, redisFile} {
		if err := m.add(read(t, name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if len(m.deployments) != 2 || len(m.services) != 1 || len(m.policies) != 1 {
		t.Fatalf("%d deployments, %d services, %d policies", len(m.deployments), len(m.services), len(m.policies))
	}
	return m
}

// sidecar returns the Pod of the program, and the proxy in it.
func sidecar(t *testing.T) (core.PodSpec, core.Container) {
	t.Helper()
	pod := manifests(t).deployments[0].Spec.Template.Spec
	if len(pod.InitContainers) != 1 {
		t.Fatalf("%d init containers", len(pod.InitContainers))
	}
	return pod, pod.InitContainers[0]
}

func TestMistakesInAManifestAreFound(t *testing.T) {
	t.Parallel()
	good := string(read(t, sidecarFile))
	for old, wrong := range map[string]string{
		"containerPort":                  "containerport",
		"restartPolicy":                  "restartPolcy",
		"readinessProbe":                 "readynessProbe",
		"failureThreshold: 30":           "failureThreshold: often",
		"secretName":                     "secret",
		"      volumes:":                 "      volume:",
		"kind: Deployment":               "kind: Deplyoment",
		"            periodSeconds: 1\n": "            periodSeconds: 1\n            periodSeconds: 2\n",
		"readOnlyRootFilesystem":         "readonlyRootFilesystem",
	} {
		text := strings.Replace(good, old, wrong, 1)
		if text == good {
			t.Errorf("%q is not there", old)
		}
		if err := new(manifest).add([]byte(text)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// A native sidecar is an init container that is always restarted.
func TestProxyIsANativeSidecar(t *testing.T) {
	t.Parallel()
	pod, proxy := sidecar(t)
	if proxy.RestartPolicy == nil || *proxy.RestartPolicy != core.ContainerRestartPolicyAlways {
		t.Error("restartPolicy is not Always: the Pod would wait for its end")
	}
	for name, probe := range map[string]*core.Probe{"/livez": proxy.StartupProbe, "/readyz": proxy.ReadinessProbe, "/livez ": proxy.LivenessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != strings.TrimSpace(name) || probe.HTTPGet.Port.StrVal != "admin" {
			t.Errorf("a probe does not ask for %s: %+v", name, probe)
		}
	}
	_, port, _ := strings.Cut(flagOf(t, proxy.Args, "--admin"), ":")
	if len(proxy.Ports) != 1 || fmt.Sprint(proxy.Ports[0].ContainerPort) != port || proxy.Ports[0].Name != "admin" {
		t.Errorf("ports %+v, and --admin has port %s", proxy.Ports, port)
	}
	if host, _, _ := strings.Cut(flagOf(t, proxy.Args, "--addr"), ":"); host != "127.0.0.1" {
		t.Errorf("--addr is reached by other Pods: %s", host)
	}
	drain, err := time.ParseDuration(flagOf(t, proxy.Args, "--drain"))
	if err != nil || pod.TerminationGracePeriodSeconds == nil || time.Duration(*pod.TerminationGracePeriodSeconds)*time.Second <= drain {
		t.Errorf("terminationGracePeriodSeconds is no longer than --drain %s: %v", drain, err)
	}
	program := pod.Containers[0]
	if got, want := program.Env[0].Value, "http://"+flagOf(t, proxy.Args, "--addr"); got != want {
		t.Errorf("the program is told %s, and the proxy is at %s", got, want)
	}
}

// What all containers must have, by the Restricted profile of Kubernetes' Pod security standards.
func TestPodsAreRestricted(t *testing.T) {
	t.Parallel()
	for _, d := range manifests(t).deployments {
		pod := d.Spec.Template.Spec
		if s := pod.SecurityContext; s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: the Pod is not restricted", d.Name)
		}
		if a := pod.AutomountServiceAccountToken; a == nil || *a {
			t.Errorf("%s: it has a token of the API server, which it does not need", d.Name)
		}
		for k, v := range d.Spec.Selector.MatchLabels {
			if d.Spec.Template.Labels[k] != v {
				t.Errorf("%s selects %s=%s, which its Pods do not have", d.Name, k, v)
			}
		}
		for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
			s := c.SecurityContext
			if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) {
				t.Errorf("%s: %s is not restricted", d.Name, c.Name)
			}
			if c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s: %s asks for no resources", d.Name, c.Name)
			}
			if _, tag, _ := strings.Cut(c.Image, ":"); tag == "" || tag == "latest" {
				t.Errorf("%s: the image %s has no version", d.Name, c.Image)
			}
			for _, m := range c.VolumeMounts {
				if !slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == m.Name }) {
					t.Errorf("%s: %s mounts %s, which is no volume", d.Name, c.Name, m.Name)
				}
			}
		}
	}
}

func TestOnlyThePodsOfTheProxyReachRedis(t *testing.T) {
	t.Parallel()
	m := manifests(t)
	proxies, redis := m.deployments[0], m.deployments[1]
	policy := m.policies[0].Spec
	for of, labels := range map[string]map[string]string{"the Service": m.services[0].Spec.Selector, "the NetworkPolicy": policy.PodSelector.MatchLabels} {
		for k, v := range labels {
			if redis.Spec.Template.Labels[k] != v || len(labels) == 0 {
				t.Errorf("%s selects %s=%s, which Redis does not have", of, k, v)
			}
		}
	}
	if len(policy.Ingress) != 1 || len(policy.Ingress[0].From) != 1 {
		t.Fatalf("ingress %+v", policy.Ingress)
	}
	allowed := policy.Ingress[0].From[0].PodSelector.MatchLabels
	for k, v := range allowed {
		if proxies.Spec.Template.Labels[k] != v || redis.Spec.Template.Labels[k] == v {
			t.Errorf("allowed are %s=%s", k, v)
		}
	}
	if len(allowed) == 0 {
		t.Error("all Pods are allowed")
	}
	_, proxy := sidecar(t)
	if host := variable(t, proxy, "REDIS_HOST"); host != m.services[0].Name {
		t.Errorf("REDIS_HOST is %s, and the Service is %s", host, m.services[0].Name)
	}
}

// goVariables are read by the runtime of Go.
var goVariables = []string{"GOMEMLIMIT"}

func TestVariablesOfTheSidecarAreKnown(t *testing.T) {
	t.Parallel()
	pod, proxy := sidecar(t)
	known := string(read(t, root+".env.example"))
	for _, v := range proxy.Env {
		if !regexp.MustCompile(`(?m)^`+v.Name+`=`).MatchString(known) && !slices.Contains(goVariables, v.Name) {
			t.Errorf("the command reads no %s", v.Name)
		}
	}
	limit := proxy.Resources.Limits.Memory().Value()
	var mib int64
	if _, err := fmt.Sscanf(variable(t, proxy, "GOMEMLIMIT"), "%dMiB", &mib); err != nil || mib<<20 >= limit {
		t.Errorf("GOMEMLIMIT is %d MiB of %d bytes: %v", mib, limit, err)
	}
	// The files are where volumes are mounted, under the names that these have.
	for what, file := range map[string]string{
		"--env-file": flagOf(t, proxy.Args, "--env-file"), "REDIS_TLS_CA_FILE": variable(t, proxy, "REDIS_TLS_CA_FILE"),
	} {
		at := slices.IndexFunc(proxy.VolumeMounts, func(m core.VolumeMount) bool { return m.MountPath == path.Dir(file) && m.ReadOnly })
		if at < 0 {
			t.Errorf("%s is %s, where nothing is mounted", what, file)
			continue
		}
		volume := slices.IndexFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == proxy.VolumeMounts[at].Name })
		secret := pod.Volumes[volume].Secret
		// The keys of the secret are by the comment at the head of the file.
		create := "generic " + secret.SecretName + " "
		text := string(read(t, sidecarFile)) + string(read(t, redisFile))
		line := text[strings.Index(text, create):]
		line, _, _ = strings.Cut(line, "\n")
		if !strings.Contains(line, "--from-file="+path.Base(file)) {
			t.Errorf("%s is %s, and the secret is made by %q", what, file, line)
		}
	}
}

// flagOf returns the value of a flag.
func flagOf(t *testing.T, args []string, name string) string {
	t.Helper()
	at := slices.Index(args, name)
	if at < 0 || at+1 == len(args) {
		t.Fatalf("no %s in %q", name, args)
	}
	return args[at+1]
}

func variable(t *testing.T, c core.Container, name string) string {
	t.Helper()
	for _, v := range c.Env {
		if v.Name == name {
			return v.Value
		}
	}
	t.Fatalf("%s has no %s", c.Name, name)
	return ""
}
