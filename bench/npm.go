package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// npmVersions returns the packages that node/package.json pins, with their versions.
func npmVersions() []string {
	data, err := os.ReadFile(filepath.Join("node", "package.json"))
	if err != nil {
		return nil
	}
	var pinned struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal(data, &pinned); err != nil {
		return nil
	}
	var versions []string
	for name, version := range pinned.Dependencies {
		versions = append(versions, name+" "+version)
	}
	slices.Sort(versions)
	return versions
}
