"""Reproducible texts for many incidents: Chinese and English mixed with indicators."""

import random

SUBJECTS = [
    "政务服务网站",
    "财务服务器",
    "某医院",
    "市属中学",
    "供水公司",
    "社保查询系统",
    "公交调度平台",
    "办公终端",
    "邮件系统",
    "档案数据库",
    "视频监控专网",
    "税务大厅",
    "图书馆",
    "燃气公司",
    "应急广播",
    "统一认证平台",
]
DEEDS = [
    "遭勒索病毒加密",
    "页面被篡改",
    "出现异常登录",
    "发现木马后门",
    "遭钓鱼邮件攻击",
    "数据疑似泄露",
    "遭拒绝服务攻击",
    "存在弱口令",
    "被植入暗链",
    "流量异常",
    "账号被盗用",
    "遭扫描探测",
    "配置不合规",
    "存在高危漏洞",
]
COURSES = [
    "值班人员巡查时发现异常，已断网处置，正在排查影响范围。",
    "初步判断系编辑后台弱口令所致，日志已固定。",
    "来自境外的地址多次尝试登录，已封禁并通知责任部门。",
    "样本已提交分析，暂未发现横向移动。",
    "受影响主机已隔离，业务由备用系统承载。",
    "举报人称短信诱导点击链接填写银行卡信息。",
    "备份完好，计划今晚恢复，恢复后持续观察。",
]
NOUNS = [
    "payroll server",
    "mail gateway",
    "citizens' portal",
    "school network",
    "water works",
    "registry",
    "VPN gateway",
    "file share",
    "backup host",
    "web shop",
    "call centre",
    "hospital ward",
    "timetable screen",
    "tax office",
    "library catalogue",
]
EVENTS = [
    "ransomware note found",
    "login from two countries",
    "phishing mail reported",
    "web page defaced",
    "data offered for sale",
    "denial of service",
    "beacon to control server",
    "weak password found",
    "suspicious outbound traffic",
    "disk almost full",
    "certificate expired",
    "scan from abroad",
    "account locked out",
    "hidden link implanted",
]
REMARKS = [
    "Isolated and under investigation.",
    "The logs of the last thirty days have been secured.",
    "Nobody has entered a password so far.",
    "The provider filters upstream.",
    "A second wave cannot be ruled out.",
    "Restored from last night's backup.",
    "The owner has been informed by telephone.",
    "The sender's address had been guessed.",
]


def text_of(count: int) -> tuple[str, str, list[tuple[str, str]]]:
    """Title, description and indicators (kind, value) of an incident of a number."""
    chance = random.Random(count)
    address = ".".join(str(chance.randint(1, 254)) for _ in range(4))
    host = f"host-{chance.randint(1, 40_000)}.{chance.choice(('corp', 'city', 'school'))}.example"
    indicators = [("ipv4", address), ("domain", host)]
    if chance.random() < 0.2:
        indicators.append(("sha256", f"{chance.getrandbits(256):064x}"))
    if chance.random() < 0.55:
        title = f"{chance.choice(SUBJECTS)}{chance.choice(DEEDS)}"
        remarks = "".join(chance.sample(COURSES, 3))
        return title, f"{remarks}涉及地址{address}，域名 {host}。", indicators
    title = f"{chance.choice(EVENTS).capitalize()} on the {chance.choice(NOUNS)}"
    remarks = " ".join(chance.sample(REMARKS, 3))
    return title, f"{remarks} Seen: {address}, http://{host}/{chance.randint(1, 999)}", indicators


def note_of(count: int) -> str | None:
    """The searchable note of an incident, for readers of the journal; every second incident has one."""
    if count % 2:
        return None
    chance = random.Random(-count)
    return f"{chance.choice(COURSES)} {chance.choice(NOUNS)} ticket-{count} host-{chance.randint(1, 4_000)}"
