//! The programs of the error index that were put right: they compile.

#![allow(dead_code, reason = "they are here to compile")]

macro_rules! put_right {
    ($($code:ident $path:literal)*) => {
        $(
            #[path = $path]
            mod $code;
        )*

        const PUT_RIGHT: &[&str] = &[$(stringify!($code)),*];
    };
}

put_right! {
    tw001 "../errors/tw001/right.rs"
    tw002 "../errors/tw002/right.rs"
    tw003 "../errors/tw003/right.rs"
    tw004 "../errors/tw004/right.rs"
    tw005 "../errors/tw005/right.rs"
    tw006 "../errors/tw006/right.rs"
    tw007 "../errors/tw007/right.rs"
    tw008 "../errors/tw008/right.rs"
    tw009 "../errors/tw009/right.rs"
    tw010 "../errors/tw010/right.rs"
    tw011 "../errors/tw011/right.rs"
    tw012 "../errors/tw012/right.rs"
    tw013 "../errors/tw013/right.rs"
    tw014 "../errors/tw014/right.rs"
    tw015 "../errors/tw015/right.rs"
    tw016 "../errors/tw016/right.rs"
    tw017 "../errors/tw017/right.rs"
    tw018 "../errors/tw018/right.rs"
    tw019 "../errors/tw019/right.rs"
    tw020 "../errors/tw020/right.rs"
    tw021 "../errors/tw021/right.rs"
    tw022 "../errors/tw022/right.rs"
    tw023 "../errors/tw023/right.rs"
    tw024 "../errors/tw024/right.rs"
    tw025 "../errors/tw025/right.rs"
    tw026 "../errors/tw026/right.rs"
    tw027 "../errors/tw027/right.rs"
    tw028 "../errors/tw028/right.rs"
    tw029 "../errors/tw029/right.rs"
    tw030 "../errors/tw030/right.rs"
    tw031 "../errors/tw031/right.rs"
    tw032 "../errors/tw032/right.rs"
    tw033 "../errors/tw033/right.rs"
    tw034 "../errors/tw034/right.rs"
    tw035 "../errors/tw035/right.rs"
    tw036 "../errors/tw036/right.rs"
    tw037 "../errors/tw037/right.rs"
    tw038 "../errors/tw038/right.rs"
    tw039 "../errors/tw039/right.rs"
    tw040 "../errors/tw040/right.rs"
    tw041 "../errors/tw041/right.rs"
    tw042 "../errors/tw042/right.rs"
    tw043 "../errors/tw043/right.rs"
    tw044 "../errors/tw044/right.rs"
    tw045 "../errors/tw045/right.rs"
    tw046 "../errors/tw046/right.rs"
    tw047 "../errors/tw047/right.rs"
    tw048 "../errors/tw048/right.rs"
    tw049 "../errors/tw049/right.rs"
    tw050 "../errors/tw050/right.rs"
    tw051 "../errors/tw051/right.rs"
    tw052 "../errors/tw052/right.rs"
    tw053 "../errors/tw053/right.rs"
    tw054 "../errors/tw054/right.rs"
    tw055 "../errors/tw055/right.rs"
    tw056 "../errors/tw056/right.rs"
    tw057 "../errors/tw057/right.rs"
    tw058 "../errors/tw058/right.rs"
    tw059 "../errors/tw059/right.rs"
    tw060 "../errors/tw060/right.rs"
    tw061 "../errors/tw061/right.rs"
    tw062 "../errors/tw062/right.rs"
    tw063 "../errors/tw063/right.rs"
    tw064 "../errors/tw064/right.rs"
    tw065 "../errors/tw065/right.rs"
    tw066 "../errors/tw066/right.rs"
    tw067 "../errors/tw067/right.rs"
    tw068 "../errors/tw068/right.rs"
    tw069 "../errors/tw069/right.rs"
    tw070 "../errors/tw070/right.rs"
    tw071 "../errors/tw071/right.rs"
    tw072 "../errors/tw072/right.rs"
    tw073 "../errors/tw073/right.rs"
    tw074 "../errors/tw074/right.rs"
    tw075 "../errors/tw075/right.rs"
    tw076 "../errors/tw076/right.rs"
    tw077 "../errors/tw077/right.rs"
    tw078 "../errors/tw078/right.rs"
    tw079 "../errors/tw079/right.rs"
    tw080 "../errors/tw080/right.rs"
    tw081 "../errors/tw081/right.rs"
    tw082 "../errors/tw082/right.rs"
    tw083 "../errors/tw083/right.rs"
    tw084 "../errors/tw084/right.rs"
    tw085 "../errors/tw085/right.rs"
    tw086 "../errors/tw086/right.rs"
    tw087 "../errors/tw087/right.rs"
    tw088 "../errors/tw088/right.rs"
    tw089 "../errors/tw089/right.rs"
    tw090 "../errors/tw090/right.rs"
    tw091 "../errors/tw091/right.rs"
    tw092 "../errors/tw092/right.rs"
    tw093 "../errors/tw093/right.rs"
    tw094 "../errors/tw094/right.rs"
    tw095 "../errors/tw095/right.rs"
    tw096 "../errors/tw096/right.rs"
    tw097 "../errors/tw097/right.rs"
    tw098 "../errors/tw098/right.rs"
    tw099 "../errors/tw099/right.rs"
    tw100 "../errors/tw100/right.rs"
    tw101 "../errors/tw101/right.rs"
    tw102 "../errors/tw102/right.rs"
    tw103 "../errors/tw103/right.rs"
    tw104 "../errors/tw104/right.rs"
    tw105 "../errors/tw105/right.rs"
    tw106 "../errors/tw106/right.rs"
    tw107 "../errors/tw107/right.rs"
    tw108 "../errors/tw108/right.rs"
    tw109 "../errors/tw109/right.rs"
    tw110 "../errors/tw110/right.rs"
}

#[test]
fn every_program_put_right_is_compiled_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/errors");
    let mut folders: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().into_string().expect("ASCII"))
        .collect();
    folders.sort();
    assert_eq!(folders, PUT_RIGHT);
}
