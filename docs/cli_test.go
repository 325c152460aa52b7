package docs

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commandHelp is the help of every command of both programs.
func commandHelp(t *testing.T) string {
	var contents, commands strings.Builder
	for _, program := range []string{"publisher", "edge"} {
		describe(t, &contents, &commands, program)
	}
	return contents.String() + "\n" + commands.String()
}

// child is a command in the list that a help has, with what it is for.
var child = regexp.MustCompile(`^  ([a-z-]+) +(.*)$`)

// describe writes the help of a command, and of those below it.
func describe(t *testing.T, contents, commands *strings.Builder, command ...string) {
	programs, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(programs, command[0]), append(command[1:], "--help")...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, output)
	}
	name := strings.Join(command, " ")
	fmt.Fprintf(commands, "## %s\n\n```text\n%s```\n\n", name, strings.ReplaceAll(string(output), "\t", "    "))
	if len(command) == 1 {
		fmt.Fprintf(contents, "| [%s](#%s) | |\n| --- | --- |\n", name, name)
	}
	_, list, _ := strings.Cut(string(output), "\nAvailable Commands:\n")
	for line := range strings.Lines(list) {
		m := child.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			break
		}
		if m[1] == "help" || name+" "+m[1] == "publisher completion" || name+" "+m[1] == "edge completion" {
			continue
		}
		path := name + " " + m[1]
		fmt.Fprintf(contents, "| [%s](#%s) | %s |\n", path, strings.ReplaceAll(path, " ", "-"), cell(m[2]))
		describe(t, contents, commands, append(append([]string{}, command...), m[1])...)
	}
	if len(command) == 1 {
		contents.WriteString("\n")
	}
}
