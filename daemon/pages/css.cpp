// The one stylesheet: calm on a small phone, in the dark, large type, and on paper.
#include "daemon/pages/html.hpp"

namespace moodline::pages {
namespace {

constexpr const char* colours = R"css(
:root{color-scheme:light dark;
--paper:#f7f5f1;--card:#fff;--ink:#22282b;--soft:#566066;--line:#dcd8d0;--accent:#24596b;
--on-accent:#fff;--band:#f3e3cf;--low:#a6451b;--wash:#eef3f4;--good:#2d6a4a}
@media (prefers-color-scheme:dark){:root{
--paper:#14191c;--card:#1c2327;--ink:#e6e9e8;--soft:#a3aeb3;--line:#37424a;--accent:#8cc3d6;
--on-accent:#0f1c21;--band:#3b2f22;--low:#f0a274;--wash:#232c31;--good:#8fd0ae}}
*{box-sizing:border-box}
html{font:100%/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink)}
main{max-width:46rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .35rem;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:0 0 .6rem}
h1,h2,p,li,label,summary,caption,button{overflow-wrap:anywhere}
p{margin:0 0 .75rem}
p:last-child{margin-bottom:0}
.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.9rem;
padding:1.1rem 1.15rem;margin:0 0 1rem}
.chip{display:inline-block;border:1px solid currentColor;border-radius:2rem;padding:.05rem .7rem;
font-size:.85rem;color:var(--accent)}
.chip.open{color:var(--low)}
.chip.done{color:var(--good)}
.notice{border-left:.3rem solid var(--accent);background:var(--wash)}
blockquote{margin:0 0 .6rem;padding:.1rem 0 .1rem .9rem;border-left:.25rem solid var(--accent);
font-size:1.12rem;line-height:1.45}
)css";

constexpr const char* parts = R"css(
dl{display:grid;grid-template-columns:minmax(6.5rem,auto) 1fr;gap:.3rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
ol.trail{list-style:none;margin:0;padding:0}
ol.trail li{display:grid;grid-template-columns:10rem 1fr;gap:.1rem .8rem;padding:.4rem 0;
border-top:1px solid var(--line)}
ol.trail li:first-child{border-top:0}
ol.trail time{color:var(--soft);font-variant-numeric:tabular-nums}
.words{white-space:pre-line;overflow-wrap:anywhere}
form{margin:0}
.actions{display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fit,minmax(min(8.5rem,100%),1fr));margin-bottom:1rem}
button{font:inherit;font-weight:600;min-height:3rem;width:100%;padding:.55rem 1rem;cursor:pointer;
border-radius:.7rem;border:1px solid var(--accent);background:transparent;color:var(--accent)}
button.first{background:var(--accent);color:var(--on-accent)}
button:focus-visible,summary:focus-visible,textarea:focus-visible{outline:3px solid var(--low);
outline-offset:2px}
label{display:block;margin-bottom:.3rem}
textarea{font:inherit;width:100%;min-height:4.5rem;padding:.55rem .7rem;border-radius:.6rem;
border:1px solid var(--soft);background:var(--paper);color:var(--ink);margin-bottom:.6rem}
details{margin-top:.8rem}
summary{cursor:pointer;color:var(--accent);padding:.5rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.3rem}
th,td{text-align:left;overflow-wrap:anywhere;font-weight:400;padding:.28rem .8rem .28rem 0;
border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-size:.9rem}
ul.key{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.6rem 0 0;padding:0;
font-size:.9rem;color:var(--soft)}
ul.key svg{width:1.1rem;height:1.1rem;vertical-align:-.2rem;margin-right:.35rem}
)css";

constexpr const char* chart = R"css(
figure{margin:0}
svg.chart{display:block;width:100%;height:auto}
svg.narrow{display:none}
svg text{font-size:11px;fill:var(--soft)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .band{fill:var(--band)}
svg .agreed{stroke:var(--low);stroke-width:1.5;stroke-dasharray:6 4}
svg .agreed-text{fill:var(--low)}
svg .join{fill:none;stroke:var(--accent);stroke-width:1.5;opacity:.55}
svg .dot{fill:var(--accent);stroke:var(--card);stroke-width:1.5}
svg .dot.hit{fill:var(--low)}
svg .hollow{fill:var(--card);stroke:var(--soft);stroke-width:1.5}
svg .cross{stroke:var(--low);stroke-width:1.8;fill:none}
svg .dash{stroke:var(--soft);stroke-width:2;fill:none}
svg .down{fill:var(--low)}
@media (max-width:36rem){
main{padding:.8rem .7rem 2.5rem}
.card{padding:.95rem .9rem;border-radius:.75rem}
svg.wide{display:none}
svg.narrow{display:block}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.5rem}
ol.trail li{grid-template-columns:1fr}
}
@media (prefers-contrast:more){:root{--line:currentColor;--soft:var(--ink)}}
@media print{
:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--accent:#000;--low:#000;
--band:#eee;--wash:#fff;--good:#000;--on-accent:#fff}
main{max-width:none;padding:0}
.card{border:0;border-radius:0;padding:.3rem 0;break-inside:avoid}
.actions,form,summary{display:none}
svg.wide{display:block}
svg.narrow{display:none}
}
)css";

}  // namespace

net::Response stylesheet() {
  net::Response r;
  r.content_type = "text/css; charset=utf-8";
  r.headers = {{"Cache-Control", "max-age=3600"}, {"X-Content-Type-Options", "nosniff"}};
  r.body = std::string(colours) + parts + chart;
  return r;
}

}  // namespace moodline::pages
