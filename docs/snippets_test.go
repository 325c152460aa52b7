package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sortition-dev/sortition/publisher/config"
)

// TestSnippets checks configuration and code in pages.
func TestSnippets(t *testing.T) {
	var goFiles, audiences []string
	dir := t.TempDir()
	for _, p := range readPages(t) {
		for i, c := range p.parts {
			at, before := fmt.Sprintf("%s:%d", p.path, c.line), p.before(i)
			var err error
			switch {
			case before == "from":
				err = inFile(c.text, p.parts[i-1].value())
			case before == "not run":
			case slices.Contains([]string{"yaml", "go", "html", "caddyfile"}, c.language) && before == "",
				c.language == "js" && before == "" && strings.HasPrefix(p.path, "docs/"):
				err = fmt.Errorf("say where the block goes, or from which file it is")
			case c.language == "go":
				path := filepath.Join(dir, fmt.Sprint(len(goFiles)), filepath.Base(p.parts[i-1].value()))
				goFiles = append(goFiles, path)
				if err = os.Mkdir(filepath.Dir(path), 0o755); err == nil {
					err = os.WriteFile(path, []byte(c.text), 0o644)
				}
			case c.language == "yaml":
				var v any
				err = yaml.Unmarshal([]byte(c.text), &v)
			case c.language == "json" && !json.Valid([]byte(c.text)):
				err = fmt.Errorf("this is not JSON")
			case c.language == "cel":
				audiences = append(audiences, strings.Split(strings.TrimSpace(c.text), "\n")...)
			}
			if err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	}
	for _, path := range goFiles {
		cmd := exec.Command("go", "vet", path)
		cmd.Dir = repository
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, output)
		}
	}
	if len(goFiles) == 0 || len(audiences) == 0 {
		t.Errorf("there are %d Go files and %d audiences", len(goFiles), len(audiences))
	}
	checkAudiences(t, audiences)
}

// inFile tells whether a text is part of a file of the repository, whatever the indentation.
func inFile(text, path string) error {
	file, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	if !strings.Contains(squeeze(string(file)), squeeze(text)) {
		return fmt.Errorf("%s does not have this", path)
	}
	return nil
}

// audienceProject has what audiences in pages refer to.
const audienceProject = `environment: production
bucket: bucket
units: [user]
attributes:
  country: string
  billing_country: string
  platform: string
  app_version: version
  first_version: version
  orders: number
  signed_up: time
  interests: list
segments:
  beta_testers: {unit: user, ids: [user-1]}
audiences:
  new_app: platform in ["ios", "android"]
`

// checkAudiences loads a project that has all audiences of the pages.
func checkAudiences(t *testing.T, audiences []string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(audienceProject)
	for i, a := range audiences {
		fmt.Fprintf(&b, "  a%d: '%s'\n", i, strings.ReplaceAll(a, "'", "''"))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.ProjectFile), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(dir); err != nil {
		t.Error(err)
	}
}
