"""The catalogue holds every researched figure as it was found, says how sure it is, and gives designs what it can."""

import json
import re
from collections import Counter
from math import fsum
from typing import get_args

import numpy as np
import pytest

from simulator import catalogue, support
from simulator.catalogue import apply, entries_for, joined, load_catalogue, read_catalogue
from simulator.design import ComponentSpec
from simulator.design_file import DesignProblem, design_from
from simulator.distributions import Lognormal
from tests.simulator.designs import a_design, constant, model_server, service, store

RESEARCHED = {
    "redis_server_throughput_1_core": "72000 50 1 14",
    "redis_get_pipelined16": "508000 16",
    "redis_client_latency": "200 30 1 0.9976 2 0.9998 0.2 0.1 99.8 1 72 1 9.7",
    "feature_store_feast_go_redis": (
        "0.89 0.203 50 1 0.95 99 1 1.73 1 0.645 50 100 20.7 99 100 22.2 50 16 5.4 1 0.64 0.95 99 1.73"
    ),
    "feature_store_feast_python_redis": "7.79 1.03 50 1 8.5 99 1 9 1 44 62 1.3 40 90",
    "feature_store_feast_java_redis_p99": "0.69 0.138 99 1 0.8 99 100 17 99",
    "feature_store_feast_python_dynamodb": (
        "33.4 1.76 50 1 33.3 90 1 42 95 1 47 99 1 70 1 27.7 27 33.3 99 70 50 500 13 50"
    ),
    "feature_store_feast_python_datastore": "43.9 3.13 50 1 45.9 90 1 87 99 1 171",
    "feature_store_tecton": "",
    "dynamodb_getitem": "50 2 6 4 99 12",
    "cassandra_read": "1.8 3.5 99 30 51 17 30",
    "postgres_indexed_read": "0.02 0.5 5 0.495",
    "kafka_end_to_end": "99 5 200 3 3 99 5 2",
    "kafka_peak_throughput": "605 3",
    "pulsar_end_to_end_p99": "25 200",
    "rabbitmq_p99": "1 30 38",
    "s3_get_small": "512 2 30 2 1 5",
    "ann_qdrant_hnsw_1M_1536d": "3.54 95 4.95 99 8.62 1238 0.99 8 100 100 100 4.4 4 5",
    "ann_weaviate_1M_1536d": "4.99 95 7.16 99 11.33 1142 0.97",
    "ann_elasticsearch_1M_1536d": "22.1 95 72.5 99 135.7 717 0.98",
    "ann_redis_1M_1536d": "140.7 95 160.9 99 167.4 625 0.97 88",
    "ann_milvus_1M_1536d": "393.3 99 576.7 219 0.99",
    "ann_faiss_pq_sift1m": "7.517 54 3.42 42 1.448 1 0.447 1 128",
    "ann_scann_hnsw_ann_benchmarks": "6 0.16 2025",
    "rtt_same_zone": "0.1 0.08 0.1",
    "rtt_cross_zone_ibm": "1.55 2.1 2.4",
    "rtt_cross_zone_aws": "0.82 5 12.3 1 2",
    "rtt_regions": "31 75 13 91 143 166 214 243 145 9",
    "latency_numbers": "100 150 2020 16 500 10 150 1 250",
    "resnet50_triton_fp16_A100": "1.727 0.2729 32 6.5 99 1.02 1.1 11",
    "resnet50_triton_fp16_V100": "2.474 0.422 32 2.2 99 1.02 1.1",
    "resnet50_triton_fp16_A40": "1.593 0.4592 32 7.6 99 1.02 1.1",
    "resnet50_triton_fp16_T4": "2.272 0.8238 32 3.1 99 1.02 1.1",
    "resnet50_int8_L4_mlperf": "0.28 0.076 0.3555 13157.8 8 0.799 99 1.02 1.1",
    "resnet50_int8_A10_mlperf": "0.387 0.0724 10 10 13805 99 1.02 1.1",
    "resnet50_int8_A30_mlperf": "0.46 0.0548 18265 99 1.02 1.1",
    "resnet50_int8_A100_mlperf": "0.431 0.0236 100 80 42379 0.4547 99 1.02 1.1",
    "resnet50_int8_H100_mlperf": "91825.7 76001.9 7.531 99 9.658 999 10.593 256 2 1 100",
    "resnet50_int8_T4_mlperf": "5622 4 8 44977.8",
    "resnet50_fp32_eager_T4": "1 10.7 256 1198 8 30 32 1",
    "resnet50_fp32_eager_cpu_c7i_xlarge": "44 1",
    "resnet50_int8_2xXeon8480": "20578.9 16347.5 11.29 99 12.96 999 37.1 2 56",
    "resnet50_V100_inoue": "1.8874 0.1438 2 0.9998 99 1.02 1.1",
    "resnet50_P4_int8_inoue": "1.4284 0.5833 99 1.02 1.1",
    "bert_base_seq128_A100_fp16": "0.576 0.1078 32 3 15 99 1.02 1.1",
    "bert_base_seq128_A100_int8": "0.525 0.0547 32 3 15 99 1.02 1.1",
    "bert_base_seq128_A30_fp16": "0.626 0.2447 32 3 15 99 1.02 1.1",
    "bert_base_seq128_T4_fp16": "0.772 1.0377 32 3 15 99 1.02 1.1",
    "bert_base_seq128_T4_int8": "0.946 0.4975 32 3 15 99 1.02 1.1",
    "bert_large_int8_L4_mlperf": "1.42 0.969 384 1032 2.39 99 1.02 1.1",
    "bert_large_int8_A10_mlperf": "1.49 0.9 1111.5 99 1.02 1.1",
    "bert_large_int8_A100_mlperf": "1.2 0.2785 3590 99 1.02 1.1",
    "bert_large_server_logs": (
        "4 898.87 39.07 50 38.02 90 52.35 99 66.95 999 78.08 100 7503 65.83 50 63.8 99 106.3 999 122.3 2 8480 "
        "1103.3 87.8 50 96.5 99 124.4 999 150.5 1 130"
    ),
    "dlrm_server_logs": (
        "4 88999.5 94602.7 1.046 99 1.617 999 1.847 100 735300 745480 6.367 99 8.202 2 8480 126002 140432 13.48 99 "
        "16.64 999 91.07 270 270"
    ),
    "dlrm_torchscript_fp16_V100_triton": "1.012 0.000434 1 8192 15 1 1.4 1024 99 1.02 1.1",
    "dlrm_fp32_cpu_2xE5-2698v4_triton": "1.026 0.01748 256 5 99 1.02 1.1",
    "wide_deep_trt_fp16_A30_triton": "0.69 0.000163 16384 3.4 1 0.69 99 1.02 1.1",
    "two_tower": "",
    "gbdt_lightgbm_cpu": "47.7 3.88 1 1 100 52.3 84.5 441 1 10 100",
    "gbdt_lleaves_cpu": "10.1 0.226",
    "gbdt_onnxruntime_cpu": "9.6 1.99",
    "triton_inception_onnx": "11.6 0.777 73",
    "llama31_8b_fp8_H100": "14.3 14.7 25.5 0 1 2 6 10 70 15.2 1000 1000",
    "llama31_8b_fp8_H200": "14.5 17.2 17.5 4",
    "llama33_70b_fp8_2xH100": "68.6 71 68.4 8",
    "llama33_70b_fp8_1xH200": "120.2 109.7 93.5 9",
    "llama3_8b_fp16_A100_step": "0 9.77 1 0.0263 4096 273.6 2 0 5.7 0 1 128 256 19.5 128 15",
    "llama3_70b_fp16_8xA100_step": "0 14 1 0.0337 4096 352.5",
    "llama2_70b_fp16_8xH100_step": "0 8.42 1 0.0121 4096 121.6",
    "llama2_7b_fp16_H100_step": "0 5.33 1 0.0123 4096 83.5",
    "opt13b_A100_vllm_profile": "22.05 0.1405 23.5 0.00059 0.061 95",
    "llama2_70b_mlperf": "8 100 4.1 24525 21606 276 99 461 155 99 175 1 200 4.1 4488 4202 238 99 497 137 99 168",
    "llama2_70b_interactive_8xH200": "34548 33163 169.7 19622 99.5 34.8",
    "llama31_8b_mlperf_8xH200": "58304 41291 60.9 50 41.8 99 372 9.9 99 12.7 129",
    "llm_lengths_azure_conversation": "1155 50 1020 99 4142 211 50 129 99 601 5.53 1.2",
    "llm_lengths_azure_code": "2048 50 1469 99 7436 28 50 13 99 251 2.57 173 173",
    "price_g4dn.xlarge": "0.526 1 1 4",
    "price_g5.xlarge": "1.006 1 1 10",
    "price_g6.xlarge": "0.8048 1 1 4",
    "price_g6e.xlarge": "1.861 1 1 40",
    "price_p4d.24xlarge": "21.957642 1 8 100 40 32.7726 2025",
    "price_p5.48xlarge": "55.04 1 8 100 98.32 2025",
    "price_p5en.48xlarge": "63.296 1 8 200",
    "price_c7i.xlarge": "0.1785 1 4 7 0.8 1.428 48 8.568",
    "price_c6i.xlarge": "0.17",
    "price_m5.large": "0.096",
    "price_cache.r5.4xlarge": "1.724 5 0.2155",
    "price_cache.m6g.12xlarge": "3.557",
    "price_cache.r6g.large": "0.206",
    "price_msk_m5.large": "0.21 5.24 10.08 0.1",
    "price_msk_t3.small": "0.0456",
    "price_s3_standard": "0.023 1000 0.005 1000 0.0004",
    "price_transfer": "0.01 0.02 0.01 10 0.09 40 0.085 100 0.07 0.045 0.045 1",
    "price_dynamodb_on_demand": "0.625 0.125 0.25",
    "price_alb": "0.0225 0.008",
    "price_eks": "0.1",
    "pod_start_slo": "5 99",
    "model_load_15GB_llama3_8b": "3 14.36 2 7.6 3 4.24 1 2 3.5",
    "vllm_engine_init": "33 130 220 327",
    "gpu_node_provisioning": "",
    "container_image_pull_gpu": "",
    "gpu_interruption_llama3": "419 54 16384 148 3 72 19 17 6 6 30.1 148 419 35.3 90",
    "node_failure_rsc1": "6.5 1000 8",
    "tail_google_leaf": "50 1 95 5 99 10 50 40 95 87 99 140",
    "cpu_vm_failure_rate": "",
}  # every number that was found for an entry: in its value, its unit, its distribution and its notes
NULL = {
    "feature_store_tecton", "cassandra_read", "postgres_indexed_read", "ann_scann_hnsw_ann_benchmarks", "two_tower",
    "gpu_node_provisioning", "container_image_pull_gpu", "cpu_vm_failure_rate",
}  # fmt: skip
ENTRIES = load_catalogue().entries
KINDS = get_args(catalogue.ComponentKind)
BARE = {
    "service": service(),
    "cache": {"kind": "cache", "contents": {"kind": "fixed", "hit_ratio": 0.5}, "on_miss": [[{"to": "behind"}]]},
    "store": store(),
    "model_server": model_server(8, 1),
    "llm_server": {"kind": "llm_server", "step_ms": 1.0, "per_context_token_ms": 1.0},
    "stream": {"kind": "stream", "consumer_time": constant(1)},
    "load_balancer": {"kind": "load_balancer", "targets": ["behind"]},
}
APPLIED = [(name, kind) for name, entry in ENTRIES.items() for fragment in entry.applies for kind in fragment.to]


def numbers(*parts):
    """Every number in some data or text, with repetitions; 8xH100 holds 8 and 100, and .5 is 0.5."""
    text = " ".join(json.dumps(part) for part in parts if part is not None)
    return [float(one) for one in re.findall(r"(?<![\d.])\.\d+|\d+(?:\.\d+)?", text)]


def said(entry):
    return numbers(entry.value, entry.unit, entry.distribution, entry.note)


def leaves(data):
    if isinstance(data, dict):
        return [leaf for value in data.values() for leaf in leaves(value)]
    return [data] if isinstance(data, int | float) else []


def test_every_researched_constant_is_there_and_no_other():
    assert len(RESEARCHED) == 105
    assert set(ENTRIES) == set(RESEARCHED)


@pytest.mark.parametrize("name", RESEARCHED)
def test_every_number_that_was_found_stands_in_its_entry(name):
    missing = Counter(float(one) for one in RESEARCHED[name].split()) - Counter(said(ENTRIES[name]))
    assert not missing


def test_the_values_hold_no_other_numbers():
    values = [one for entry in ENTRIES.values() for one in leaves(entry.value)]
    assert (len(values), fsum(values)) == (306, pytest.approx(3026090.868819, rel=1e-12))


def test_a_null_stays_null():
    assert {name for name, entry in ENTRIES.items() if entry.value is None} == NULL
    assert not [name for name in NULL if ENTRIES[name].applies or ENTRIES[name].confidence or ENTRIES[name].assumption]


def test_every_figure_has_a_source_or_says_where_it_is_from():
    without = {name for name, entry in ENTRIES.items() if entry.source is None} - NULL
    assert without == {"dynamodb_getitem", "triton_inception_onnx", "price_c6i.xlarge", "price_cache.r6g.large"}
    assert all(ENTRIES[name].note and ENTRIES[name].confidence != "high" for name in without)


def test_an_entry_has_the_year_of_its_source():
    for entry in ENTRIES.values():
        source = load_catalogue().source_of(entry)
        assert source is None or entry.date[:4] == str(source.year)


def test_no_two_entries_have_the_same_title():
    assert not [title for title, n in Counter(entry.title for entry in ENTRIES.values()).items() if n > 1]


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.distribution])
def test_what_was_found_as_an_assumption_is_called_one(name):
    entry = ENTRIES[name]
    if re.search("assumption|placeholder", entry.distribution):
        assert re.search("assumption|placeholder", entry.assumption)


def test_a_component_can_take_something_from_an_entry_about_it_or_is_told_why_not():
    for entry in ENTRIES.values():
        silent = [kind for kind in entry.fits if kind in KINDS and entry.fragment(kind) is None]
        assert not silent or entry.missing or entry.value is None, entry.id


@pytest.mark.parametrize(("name", "kind"), APPLIED)
def test_what_an_entry_gives_makes_a_valid_component(name, kind):
    part = apply(ENTRIES[name], BARE[kind])
    design = a_design({"front": part, "behind": service()})
    assert design_from(design.model_dump(mode="json")) == design
    support.check(design)


@pytest.mark.parametrize("name", dict.fromkeys(name for name, _ in APPLIED))
def test_what_an_entry_gives_was_found_or_is_called_an_assumption(name):
    entry = ENTRIES[name]
    found = {scaled for one in said(entry) for scaled in (one, one / 1000, one / 1e6)}
    new = [one for fragment in entry.applies for one in leaves(fragment.data) if not np.isclose(one, list(found)).any()]
    assert not new or entry.assumption


@pytest.mark.parametrize(
    "name", [name for name, kind in APPLIED if kind == "model_server" and ENTRIES[name].category != "price"]
)
def test_a_batch_takes_what_was_fitted(name):
    value, time = ENTRIES[name].value, apply(ENTRIES[name], BARE["model_server"])["batch_time"]
    fixed, per_item, *_ = value.values()
    scale = 1000 if "a_us" in value else 1
    assert (time["fixed_ms"] * scale, time["per_item_ms"] * scale) == pytest.approx((fixed, per_item))


@pytest.mark.parametrize(
    "name", [name for name, kind in APPLIED if kind == "llm_server" and ENTRIES[name].source == "vidur"]
)
def test_a_step_and_a_prefill_take_what_was_measured(name):
    value, part = ENTRIES[name].value, apply(ENTRIES[name], BARE["llm_server"])
    assert (part["step_ms"], part["per_running_ms"]) == (value["c0_ms"], value["c1_ms_per_running"])
    assert part["prefill_ms_per_token"] * 4096 == pytest.approx(value["prefill_ms_4096_tokens"])
    assert part["per_context_token_ms"] == 0


@pytest.mark.parametrize(
    "name", [name for name, entry in ENTRIES.items() if entry.category == "price" and entry.applies]
)
def test_a_replica_costs_what_was_found(name):
    entry = ENTRIES[name]
    price = entry.value["per_h"] if isinstance(entry.value, dict) else entry.value
    for fragment in entry.applies:
        devices = 8 if "eight" in entry.title and fragment.to == ("model_server",) else 1
        assert fragment.data == {"usd_per_replica_hour": pytest.approx(price / devices)}


@pytest.mark.parametrize(
    ("name", "share", "ms"),
    [
        ("redis_client_latency", 0.5, 0.3),
        ("redis_client_latency", 0.998, 1.0),
        ("feature_store_feast_go_redis", 0.5, 0.95),
        ("feature_store_feast_go_redis", 0.99, 1.73),
        ("feature_store_feast_python_dynamodb", 0.99, 70),
        ("dynamodb_getitem", 0.5, 4),
        ("kafka_end_to_end", 0.99, 5),
    ],
)
def test_a_latency_has_the_percentiles_that_were_stated(name, share, ms):
    [time] = ENTRIES[name].applies[0].data.values()
    assert Lognormal(**time).inverse_ms(np.array([share]))[0] == pytest.approx(ms, rel=0.005)


def test_a_device_and_its_price_go_together():
    part = apply(ENTRIES["price_g6.xlarge"], apply(ENTRIES["resnet50_int8_L4_mlperf"], BARE["model_server"]))
    assert (part["batch_time"]["fixed_ms"], part["usd_per_replica_hour"]) == (0.28, 0.8048)
    assert part["max_items"] == 8


def test_applying_changes_neither_the_component_nor_the_catalogue():
    entry, before = ENTRIES["resnet50_int8_L4_mlperf"], json.dumps(BARE["model_server"])
    apply(entry, BARE["model_server"])["batch_time"]["fixed_ms"] = 99.0
    assert json.dumps(BARE["model_server"]) == before
    assert entry.fragment("model_server") == {"batch_time": {"fixed_ms": 0.28, "per_item_ms": 0.076}}


@pytest.mark.parametrize(
    ("name", "part", "told"),
    [
        ("resnet50_int8_L4_mlperf", BARE["store"], "of the kind 'store'; it has some for model_server"),
        ("two_tower", BARE["model_server"], "of the kind 'model_server'; it is there to be read"),
        ("price_g6.xlarge", {}, "of the kind None; it has some for model_server, llm_server"),
        ("price_g6.xlarge", BARE["model_server"] | {"replicas": 0}, "replicas is 0, but must be at least 1"),
    ],
)
def test_what_an_entry_cannot_give_is_refused(name, part, told):
    with pytest.raises(DesignProblem, match=told):
        apply(ENTRIES[name], part)


def test_entries_are_found_by_what_they_fit():
    stores = [entry.id for entry in entries_for("store")]
    assert "feature_store_feast_go_redis" in stores
    assert "resnet50_int8_L4_mlperf" not in stores
    assert [entry.id for entry in entries_for("training")] == ["gpu_interruption_llama3", "node_failure_rsc1"]
    assert entries_for("magic") == ()


def test_an_entry_can_fit_every_kind_of_component_that_a_design_knows():
    assert set(KINDS) == {
        get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(ComponentSpec)[0])
    }


def test_the_files_are_read_once():
    assert load_catalogue() is load_catalogue()


A_FILE = {
    "version": 1,
    "sources": {"paper": {"title": "A paper", "url": None, "year": 2024, "read": "yes"}},
    "entries": [
        {
            "id": "a", "title": "A", "category": "ann", "fits": ["store"], "value": 1, "unit": "ms", "source": "paper",
            "date": "2024", "confidence": "low",
        }
    ],
}  # fmt: skip


def a_file(**entry):
    return json.dumps(A_FILE | {"entries": [A_FILE["entries"][0] | entry]})


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"value": None}, "a has no value"),
        ({"confidence": None}, "a has a value; say how sure it is"),
        ({"confidence": "fairly"}, "confidence is 'fairly', but must be 'high', 'medium' or 'low'"),
        ({"date": 2024}, "date is 2024, but must be text"),
        ({"date": "last June"}, "date is 'last June'"),
        ({"fits": ["disk"]}, "fits.0 is 'disk', but must be"),
        ({"author": "me"}, "author is not a known key"),
        ({"source": "ghost"}, "refer to ghost, which are not among the sources"),
        ({"source": None}, "no entry refers to the sources paper"),
        ({"applies": [{"to": ["cache"], "data": {"replicas": 1}}]}, "a applies to 'cache'"),
        ({"applies": [{"to": ["store", "store"], "data": {"replicas": 1}}]}, "a applies to 'store'"),
        (
            {"value": None, "confidence": None, "applies": [{"to": ["store"], "data": {"replicas": 1}}]},
            "a has no value",
        ),
    ],
)
def test_a_wrong_entry_is_refused_in_words(entry, told):
    with pytest.raises(ValueError, match=told):
        read_catalogue(a_file(**entry))


def test_an_id_or_a_source_that_stands_in_two_files_is_refused():
    one, other = read_catalogue(a_file()), read_catalogue(a_file(id="b"))
    with pytest.raises(ValueError, match="a, paper stands twice"):
        joined([one, one])
    with pytest.raises(ValueError, match=r"^paper stands twice"):
        joined([one, other])
