package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bench/figure"
)

// The plot: two panels, time and memory against the number of experiments, both axes
// logarithmic. Sizes are in pixels.
const (
	panelWidth, panelHeight = 380, 400
	marginLeft, marginTop   = 76, 64
	labelWidth              = 225 // right of a panel, for the names of its lines
	panelPitch              = marginLeft + panelWidth + labelWidth
	labelHeight             = 15
	plotWidth               = 2*panelPitch + 10
	plotHeight              = marginTop + panelHeight + 56
)

// lineColours has the colours of the lines: blues for Sortition, others for its peers.
var lineColours = map[string]string{
	native: "#08306b", hostNative: "#1a4f94", inHost: "#2171b5", inV8: "#4aa3df", inNode: "#0b7a8f", floor: "#8c8c8c",
	launchDarkly: "#d95f02", "GrowthBook, Go": "#a6761d", flagd: "#7570b3", "GrowthBook, JS": "#1b9e77",
}

// panel is a diagram of one quantity.
type panel struct {
	title     string
	left      int
	value     func(point) float64
	tick      func(float64) string
	low, high float64 // decades
}

func (m *measurements) plot() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="Helvetica, Arial, sans-serif" font-size="12">`+"\n",
		plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", plotWidth, plotHeight)
	text(&b, marginLeft, 22, "start", "#000", "Realistic configuration: all N experiments for one user", `font-size="15" font-weight="bold"`)
	panels := []panel{
		{title: "CPU time of one call, request included", left: marginLeft, value: func(p point) float64 { return p.timing.median() }, tick: wholeDuration},
		{title: "memory in use after loading", left: panelPitch + marginLeft, value: func(p point) float64 { return float64(p.memory) }, tick: wholeBytes},
	}
	for _, p := range panels {
		m.drawPanel(&b, p)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func text(b *strings.Builder, x, y float64, anchor, colour, s, attributes string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s" %s>%s</text>`+"\n", x, y, anchor, colour, attributes, s)
}

func (m *measurements) drawPanel(b *strings.Builder, p panel) {
	p.low, p.high = math.Inf(1), math.Inf(-1)
	for _, points := range m.realistic {
		for _, point := range points {
			v := math.Log10(p.value(point))
			p.low, p.high = min(p.low, math.Floor(v)), max(p.high, math.Ceil(v))
		}
	}
	text(b, float64(p.left), marginTop-14, "start", "#000", p.title, "")
	for decade := p.low; decade <= p.high; decade++ {
		y := p.y(decade)
		fmt.Fprintf(b, `<path d="M%d %.1fh%d" stroke="#ddd"/>`+"\n", p.left, y, panelWidth)
		text(b, float64(p.left-8), y+4, "end", "#444", p.tick(math.Pow(10, decade)), "")
	}
	for _, n := range realisticSizes {
		x := p.x(n)
		fmt.Fprintf(b, `<path d="M%.1f %dv%d" stroke="#ddd"/>`+"\n", x, marginTop, panelHeight)
		text(b, x, marginTop+panelHeight+20, "middle", "#444", figure.Thousands(n), "")
	}
	text(b, float64(p.left)+panelWidth/2, marginTop+panelHeight+42, "middle", "#444", "experiments (N)", "")
	m.drawLines(b, p)
}

func (p panel) x(n int) float64 {
	first, last := math.Log10(float64(realisticSizes[0])), math.Log10(float64(realisticSizes[len(realisticSizes)-1]))
	return float64(p.left) + panelWidth*(math.Log10(float64(n))-first)/(last-first)
}

func (p panel) y(decade float64) float64 {
	return marginTop + panelHeight*(p.high-decade)/(p.high-p.low)
}

// drawLines draws the lines. Their names stand at the right end, moved apart so that they do
// not overlap.
func (m *measurements) drawLines(b *strings.Builder, p panel) {
	type label struct {
		name           string
		x, end, y      float64
		colour, weight string
	}
	var labels []label
	for _, e := range entrants {
		var path []string
		l := label{name: e.name, colour: lineColours[e.name], weight: "normal"}
		width := 1.5
		if strings.HasPrefix(e.name, "Sortition") {
			width, l.weight = 2.5, "bold"
		}
		for _, n := range realisticSizes {
			point, ok := m.realistic[n][e.name]
			if !ok {
				continue
			}
			l.x, l.end = p.x(n), p.y(math.Log10(p.value(point)))
			path = append(path, fmt.Sprintf("%.1f %.1f", l.x, l.end))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", l.x, l.end, l.colour)
		}
		if len(path) == 0 {
			continue
		}
		fmt.Fprintf(b, `<path d="M%s" fill="none" stroke="%s" stroke-width="%.1f"/>`+"\n", strings.Join(path, "L"), l.colour, width)
		l.y = l.end
		labels = append(labels, l)
	}
	slices.SortFunc(labels, func(a, b label) int { return int(math.Copysign(1, a.y-b.y)) })
	for i := 1; i < len(labels); i++ {
		labels[i].y = max(labels[i].y, labels[i-1].y+labelHeight)
	}
	if over := labels[len(labels)-1].y - (marginTop + panelHeight); over > 0 {
		bound := float64(marginTop + panelHeight)
		for i := len(labels) - 1; i >= 0; i-- {
			labels[i].y = min(labels[i].y, bound)
			bound = labels[i].y - labelHeight
		}
	}
	right := float64(p.left + panelWidth)
	for _, l := range labels {
		fmt.Fprintf(b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="%s" stroke-width="0.7" stroke-dasharray="2 2"/>`+"\n", l.x+4, l.end, right+14, l.y, l.colour)
		text(b, right+18, l.y+4, "start", l.colour, l.name, fmt.Sprintf(`font-weight="%s"`, l.weight))
	}
}

func wholeDuration(ns float64) string {
	for _, unit := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.ns*0.999 {
			return fmt.Sprintf("%.0f %s", ns/unit.ns, unit.name)
		}
	}
	return fmt.Sprintf("%.0f ns", ns)
}

func wholeBytes(n float64) string {
	if n >= 0.999e6 {
		return figure.Thousands(int(math.Round(n/1e6))) + " MB"
	}
	return figure.Thousands(int(math.Round(n/1e3))) + " kB"
}
