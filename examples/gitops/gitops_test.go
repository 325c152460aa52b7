// Package gitops runs the steps of the workflow as GitHub does: each in a shell, in a
// clone of a repository, with the environment of the event.
package gitops

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

const workflowFile = ".github/workflows/experiments.yml"

type workflow struct {
	Env  map[string]string `yaml:"env"`
	Jobs map[string]struct {
		If    string `yaml:"if"`
		Steps []step `yaml:"steps"`
	} `yaml:"jobs"`
}

type step struct {
	Name string            `yaml:"name"`
	Uses string            `yaml:"uses"`
	Run  string            `yaml:"run"`
	Env  map[string]string `yaml:"env"`
}

func readWorkflow(t *testing.T) workflow {
	t.Helper()
	text, err := os.ReadFile(workflowFile)
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs) != 2 {
		t.Fatalf("the workflow has the jobs %v", w.Jobs)
	}
	return w
}

// TestActionsArePinned requires that the workflow names actions by the hash of a commit, and
// that its scripts contain no expressions.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`)
	for name, job := range readWorkflow(t).Jobs {
		for _, s := range job.Steps {
			if s.Uses != "" && !pinned.MatchString(s.Uses) {
				t.Errorf("%s: %s is not pinned to a commit", name, s.Uses)
			}
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: %s: pass values to the script in its environment: %s", name, s.Name, s.Run)
			}
		}
	}
}

// site is a repository with its origin, and the values that GitHub has for it.
type site struct {
	clone string
	path  string            // of programs
	known map[string]string // values of expressions
}

// TestWorkflow opens pull requests and merges them, with the bucket on a real S3 server.
func TestWorkflow(t *testing.T) {
	for _, tool := range []string{"bash", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: the workflow was not run, because %s is not installed", tool)
		}
	}
	server, err := storetest.StartVersityGW(t.TempDir(), t.TempDir(), "shop")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skip("SKIPPED: the workflow was not run.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	w := readWorkflow(t)
	s := newSite(t, server)

	// The first merge publishes in the name of its author, and commits the head of the log.
	s.job(t, w, "push")
	if head := s.git(t, "log", "-1", "--format=%s", "origin/main"); head != "shop: the head of the audit log" {
		t.Errorf("the newest commit is %q", head)
	}
	log := s.shell(t, "publisher audit log shop")
	if !strings.Contains(log, "first experiments") || !strings.Contains(log, "ada") {
		t.Errorf("the audit log says %s", log)
	}

	// A pull request gets a comment with the plan, and publishes nothing.
	banner := filepath.Join(s.clone, "shop/experiments/welcome_banner.yaml")
	replace(t, banner, "\ntraffic: 50%", "\ntraffic: 60%")
	s.git(t, "commit", "--quiet", "-am", "welcome_banner to 60 %")
	s.job(t, w, "pull_request")
	comment := read(t, filepath.Join(s.clone, "comment-17"))
	for _, part := range []string{"welcome", "enter, 0 leave, 0 switch", "50% → 60%"} {
		if !strings.Contains(comment, part) {
			t.Errorf("the comment does not contain %q:\n%s", part, comment)
		}
	}
	if log := s.shell(t, "publisher audit log shop"); strings.Contains(log, "60 %") {
		t.Errorf("the pull request was published:\n%s", log)
	}

	// The merge does what the comment says.
	s.job(t, w, "push")
	if log := s.shell(t, "publisher audit log shop"); !strings.Contains(log, "welcome_banner to 60 %") {
		t.Errorf("the audit log says %s", log)
	}

	// A pull request that breaks a test of the project fails before it gets a comment.
	replace(t, banner, "delivery: [qa-1]", "control: [qa-1]")
	if step, output := s.try(t, w, "pull_request"); step != "Check" || !strings.Contains(output, "testers see the banner") {
		t.Errorf("the step that fails is %q:\n%s", step, output)
	}
}

func newSite(t *testing.T, server *storetest.VersityGW) *site {
	t.Helper()
	dir := t.TempDir()
	programs := filepath.Join(dir, "programs")
	s := &site{clone: filepath.Join(dir, "clone"), path: programs + ":" + os.Getenv("PATH")}
	if err := os.MkdirAll(programs, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(programs, "publisher"), "../../publisher")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	// gh pr comment NUMBER --edit-last --create-if-none --body-file FILE
	gh := "#!/bin/sh\n[ \"$1 $2 $4 $5 $6\" = 'pr comment --edit-last --create-if-none --body-file' ] && [ -n \"$GH_TOKEN\" ] && cp \"$7\" \"comment-$3\"\n"
	if err := os.WriteFile(filepath.Join(programs, "gh"), []byte(gh), 0o755); err != nil {
		t.Fatal(err)
	}
	if output, err := s.command(dir, "git init --quiet --bare --initial-branch=main origin && git clone --quiet origin clone", nil).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	s.git(t, "checkout", "--quiet", "-B", "main")
	s.git(t, "config", "user.name", "ada")
	s.git(t, "config", "user.email", "ada@example.com")
	s.shell(t, "publisher init shop && publisher keygen shop")
	key := filepath.Join(s.clone, "shop/keys/publish.key")
	s.known = map[string]string{
		"secrets.SORTITION_KEY": read(t, key), "secrets.AWS_ACCESS_KEY_ID": server.Access, "secrets.AWS_SECRET_ACCESS_KEY": server.Secret,
		"github.token": "token", "github.actor": "ada", "github.event.pull_request.number": "17",
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(s.clone, "shop/sortition.yaml"), "\nbucket: bucket\n", "\nbucket: s3://shop?region=us-east-1&endpoint="+server.Endpoint+"\n")
	s.git(t, "add", ".")
	s.git(t, "commit", "--quiet", "-m", "first experiments")
	return s
}

// job runs the job of an event. All steps must succeed.
func (s *site) job(t *testing.T, w workflow, event string) {
	t.Helper()
	if step, output := s.try(t, w, event); step != "" {
		t.Fatalf("%s: %s fails:\n%s", event, step, output)
	}
}

// try runs the job of an event until a step fails, and returns the name and the output of
// that step. It skips the step that installs the publisher, which is built already.
func (s *site) try(t *testing.T, w workflow, event string) (string, string) {
	t.Helper()
	ran := 0
	for _, job := range w.Jobs {
		if job.If != "github.event_name == '"+event+"'" {
			continue
		}
		for _, step := range job.Steps {
			if step.Run == "" || step.Name == "Install" {
				continue
			}
			env := maps.Clone(w.Env)
			maps.Copy(env, step.Env)
			ran++
			if output, err := s.command(s.clone, step.Run, s.resolve(t, env)).CombinedOutput(); err != nil {
				return step.Name, string(output)
			}
		}
	}
	if ran == 0 {
		t.Fatalf("no job runs on %s", event)
	}
	return "", ""
}

var expression = regexp.MustCompile(`^\$\{\{ (.*) \}\}$`)

// resolve replaces expressions by the values that GitHub has.
func (s *site) resolve(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	for name, value := range env {
		if m := expression.FindStringSubmatch(value); m != nil {
			known, ok := s.known[m[1]]
			if !ok {
				t.Fatalf("%s: nothing is known of %s", name, value)
			}
			env[name] = known
		}
	}
	return env
}

// command returns a command that runs a script in the shell in which GitHub runs steps.
func (s *site) command(dir, script string, env map[string]string) *exec.Cmd {
	c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = s.environment(env)
	return c
}

func (s *site) environment(env map[string]string) []string {
	all := []string{"PATH=" + s.path, "HOME=" + filepath.Dir(s.clone), "GIT_CONFIG_NOSYSTEM=1"}
	for name, value := range env {
		all = append(all, name+"="+value)
	}
	return all
}

func (s *site) shell(t *testing.T, script string) string {
	t.Helper()
	output, err := s.command(s.clone, script, map[string]string{
		"AWS_ACCESS_KEY_ID": s.known["secrets.AWS_ACCESS_KEY_ID"], "AWS_SECRET_ACCESS_KEY": s.known["secrets.AWS_SECRET_ACCESS_KEY"],
	}).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, output)
	}
	return string(output)
}

func (s *site) git(t *testing.T, args ...string) string {
	t.Helper()
	git := exec.Command("git", args...)
	git.Dir, git.Env = s.clone, s.environment(nil)
	output, err := git.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
	return strings.TrimSpace(string(output))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func replace(t *testing.T, path, before, after string) {
	t.Helper()
	text := read(t, path)
	if strings.Count(text, before) != 1 {
		t.Fatalf("%s has not one %q", path, before)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(text, before, after, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
